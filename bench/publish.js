// The same as publish.c by ws for Node: what comes from one client goes to all, in a loop over them. It
// compresses for clients that ask for it, set as hawser is: fast, with a window of 12 bits and the same memory level.
'use strict';
const { WebSocketServer } = require('ws');

const perMessageDeflate = { serverMaxWindowBits: 12, zlibDeflateOptions: { level: 1, memLevel: 5 } };
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096, perMessageDeflate });

server.on('connection', (connection) => {
    connection.on('message', (data, binary) => {
        for (const client of server.clients) client.send(data, { binary });
    });
    connection.on('error', () => connection.terminate());
});
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
