// ws for Node, with bufferutil, which it takes by itself where it is installed.
//
//   node echo.js [--deflate]
'use strict';
const { WebSocketServer } = require('ws');

// Level 1, memory level 5, 12 bits: hawser's.
const deflate = { serverMaxWindowBits: 12, zlibDeflateOptions: { level: 1, memLevel: 5 } };
const perMessageDeflate = process.argv[2] === '--deflate' && deflate;
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096, perMessageDeflate });

server.on('connection', (connection) => {
    connection.on('message', (data, binary) => connection.send(data, { binary }));
    connection.on('error', () => connection.terminate());
});
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
