// ws for Node on the other side. node ws_peer.js serve MESSAGES, or node ws_peer.js dial URL MESSAGES OPTIONS...
// MESSAGES is a directory: each of its files is a message, in the order of their names, a text if it ends in ".text".
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');
const { WebSocket, WebSocketServer } = require('ws');

const MAX_PAYLOAD = 2 ** 25;

function read(directory) {
    return fs.readdirSync(directory).sort().map((name) => {
        const bytes = fs.readFileSync(path.join(directory, name));
        return { bytes, binary: !name.endsWith('.text') };
    });
}

// What the path of the URL says, perMessageDeflate's options as JSON: {"options": {}, "large": false}. It says what was
// agreed, then the messages, then it echoes.
function serve(directories) {
    const server = http.createServer();
    const messages = { small: read(path.join(directories, 'small')), large: read(path.join(directories, 'large')) };
    server.on('upgrade', (request, socket, head) => {
        const { options, size } = JSON.parse(decodeURIComponent(request.url.slice(1)));
        const answering = new WebSocketServer({ noServer: true, perMessageDeflate: options, maxPayload: MAX_PAYLOAD });
        let answer = 'none';
        answering.on('headers', (headers) => {
            const line = headers.find((header) => /^sec-websocket-extensions:/i.test(header));
            if (line) answer = line.replace(/^[^:]*: */, '');
        });
        answering.handleUpgrade(request, socket, head, (connection) => {
            connection.on('message', (data, binary) => connection.send(data, { binary }));
            connection.on('error', (error) => console.log(error.message));
            connection.send(answer);
            for (const { bytes, binary } of messages[size]) connection.send(bytes, { binary });
        });
    });
    server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
}

// Resolves with how it went: what was agreed, and how many messages came back as they had gone.
function dial(url, options, messages) {
    return new Promise((resolve) => {
        const story = { agreed: 'none', echoed: 0 };
        const connection = new WebSocket(url, { perMessageDeflate: options, maxPayload: MAX_PAYLOAD });
        const next = () => {
            if (story.echoed === messages.length) return connection.close(1000);
            const { bytes, binary } = messages[story.echoed];
            connection.send(bytes, { binary });
        };
        connection.on('upgrade', (response) => {
            story.agreed = response.headers['sec-websocket-extensions'] || 'none';
        });
        connection.on('open', next);
        connection.on('message', (data, binary) => {
            const sent = messages[story.echoed];
            if (binary !== sent.binary || !sent.bytes.equals(data)) {
                story.error = `message ${story.echoed} comes back as another one of ${data.length} bytes`;
                return connection.terminate();
            }
            story.echoed++;
            next();
        });
        connection.on('error', (error) => { story.error = error.message; });
        connection.on('close', (code) => resolve({ ...story, code }));
    });
}

async function dialAll(url, directory, all) {
    const messages = read(directory);
    for (const options of all) console.log(JSON.stringify(await dial(url, JSON.parse(options), messages)));
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'serve') serve(rest[0]);
else dialAll(rest[0], rest[1], rest.slice(2));
