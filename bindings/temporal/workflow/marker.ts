/** What the host looks for in a bundle: without our interceptors its workflows would run ungoverned. */
export const MARKER = 'openbox:workflow-interceptors:v1';
