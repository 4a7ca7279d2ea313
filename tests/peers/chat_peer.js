// ws for Node in a room of chat: says something as soon as it is aboard, and leaves when it has heard itself.
'use strict';
const { WebSocket } = require('ws');

const guest = new WebSocket(process.argv[2]);
guest.on('message', (data, binary) => {
    const text = data.toString();
    if (text.startsWith('* ')) return guest.send('ahoy ' + 'y'.repeat(2000));
    console.log(`heard ${text}`);
    guest.close(1000);
});
guest.on('error', (error) => { console.error(error.message); process.exitCode = 1; });
