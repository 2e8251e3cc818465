// Express 5 that reads a body and answers 200: what HTTP alone takes of the machine. Prints its address.

import type { AddressInfo } from 'node:net';
import express from 'express';

const app = express();
app.disable('x-powered-by');
app.post('/', (request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => response.status(200).type('application/json').end('[]'));
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
