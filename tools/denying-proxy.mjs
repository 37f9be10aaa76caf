// Temporal for a client that may do everything but call some methods: `node denying-proxy.mjs <address> <method>…` prints
// the address to use, and ends with its standard input. A process of Node's own, for not every runtime serves gRPC.
import http2 from 'node:http2';

const [address, ...denied] = process.argv.slice(2);
const DENIED = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '7', 'grpc-message': 'that is not yours to do' };
const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM } = http2.constants;

const upstream = http2.connect(`http://${address}`);
const server = http2.createServer();
server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  if (denied.some((method) => headers[':path'].endsWith(`/${method}`))) return stream.respond(DENIED, { endStream: true });
  const request = upstream.request({ ...headers, ':authority': address });
  let trailers = {};
  request.on('error', () => stream.close(NGHTTP2_CANCEL));
  request.on('trailers', (received) => (trailers = received));
  request.on('response', ({ ...received }, flags) => {
    if (stream.destroyed) return;
    const endStream = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(received, endStream ? { endStream } : { waitForTrailers: true });
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.on('aborted', () => request.close(NGHTTP2_CANCEL));
  stream.pipe(request).pipe(stream);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`127.0.0.1:${server.address().port}\n`));
process.stdin.on('end', () => process.exit()).resume();
