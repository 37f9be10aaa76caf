/** Plain code: nothing in it knows that it is governed. */
export async function readPage(url: string): Promise<string> {
  const response = await fetch(url);
  return response.text();
}
