/* The page of chat.c: one form to come aboard, one to say something. */
#ifndef HAWSER_EXAMPLES_CHAT_PAGE_H
#define HAWSER_EXAMPLES_CHAT_PAGE_H

static const char page[] =
    "<!doctype html><meta charset=utf-8><title>hawser chat</title>\n"
    "<style>body{font:16px/1.5 system-ui;max-width:40em;margin:2em auto;padding:0 1em}"
    "pre{white-space:pre-wrap;min-height:8em;border:1px solid #ccc;padding:.5em}</style>\n"
    "<form id=join><input name=room value=deck size=10 required> <input name=who placeholder='your name' required>"
    " <button>Come aboard</button></form>\n"
    "<pre id=log></pre>\n"
    "<form id=say hidden><input name=text size=40 autocomplete=off> <button>Say</button></form>\n"
    "<script>\n"
    "const join = document.forms[0], say = document.forms[1], log = document.getElementById('log')\n"
    "const show = text => { log.textContent += text + '\\n' }\n"
    "join.onsubmit = event => {\n"
    "  event.preventDefault()\n"
    "  const path = ['rooms', join.room.value, join.who.value].map(encodeURIComponent).join('/')\n"
    "  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/' + path)\n"
    "  socket.onopen = () => { join.hidden = true; say.hidden = false; say.text.focus() }\n"
    "  socket.onmessage = message => show(message.data.size ? message.data.size + ' bytes' : message.data)\n"
    "  socket.onclose = end => { show('* closed: ' + end.code + ' ' + end.reason); join.hidden = false; say.hidden = true }\n"
    "  say.onsubmit = event => { event.preventDefault(); socket.send(say.text.value); say.text.value = '' }\n"
    "}\n"
    "</script>\n";

#endif
