-- echo: what hws_echo does, with LuaJIT's ffi alone: nothing is copied, and the loop is compiled with the calls in it. LuaJIT
-- compiles no call that passes a struct; but a struct of one word is passed as that word, so hws_poll is declared with words.
local ffi = require "ffi"
local hawser = require "hawser" -- for its declarations, and to load the library
local C = hawser.C

ffi.cdef [[
int32_t poll_by_word(uint64_t engine, hws_event *events, size_t size, uint32_t capacity, int32_t timeout_ms, uint32_t *count)
  __asm__("hws_poll");
]]

local BATCH, MESSAGE = 256, require("hawser_cdef").enums.hws_event_kinds.message
local EVENT_SIZE, ECHO_SIZE = ffi.sizeof "hws_event", ffi.sizeof "hws_outgoing"

local function ok(status) if status ~= 0 then error(ffi.string(C.hws_last_error().message.ptr)) end end

local engine, listener, count = ffi.new "hws_engine", ffi.new "hws_listener", ffi.new "uint32_t[1]"
local options, address = ffi.new "hws_server_options", ffi.new "char[64]"
local bind, events = "127.0.0.1:0", ffi.new("hws_event[?]", BATCH)
local echoes, sent = ffi.new("hws_outgoing[?]", BATCH), ffi.new "uint32_t[1]"
options.struct_size, options.bind.ptr, options.bind.len = ffi.sizeof(options), ffi.cast("const void *", bind), #bind
ok(C.hws_engine_new(nil, engine))
ok(C.hws_listen(engine, options, listener))
ok(C.hws_listener_address(listener, address, 64, nil))
print("listening on " .. ffi.string(address))
io.flush()
while true do
  local messages, at = 0, 0
  ok(C.poll_by_word(engine.id, events, EVENT_SIZE, BATCH, hawser.NEVER, count))
  for i = 0, count[0] - 1 do
    local event, echo = events[i], echoes[messages]
    if event.kind == MESSAGE then
      echo.conn.id, echo.opcode, echo.data.ptr, echo.data.len = event.conn.id, event.opcode, event.data.ptr, event.data.len
      messages = messages + 1
    end
  end
  while at < messages do
    ok(C.hws_send_batch(echoes + at, ECHO_SIZE, messages - at, sent))
    at = at + sent[0]
  end
end
