-- echo: what hws_echo does, with LuaJIT's ffi alone: nothing is copied, and the loop is compiled with the calls in it. LuaJIT
-- compiles no call that passes a struct; but a struct of one word is passed as that word, so these are declared with words.
local ffi = require "ffi"
local hawser = require "hawser" -- for its declarations, and to load the library
local C = hawser.C

ffi.cdef [[
int32_t poll_by_word(uint64_t engine, hws_event *events, size_t size, uint32_t capacity, int32_t timeout_ms, uint32_t *count)
  __asm__("hws_poll");
int32_t send_by_word(uint64_t conn, uint32_t opcode, const void *data, size_t len, const void *options) __asm__("hws_send");
]]

local BATCH, SIZE, MESSAGE = 256, ffi.sizeof "hws_event", require("hawser_cdef").enums.hws_event_kinds.message

local function ok(status) if status ~= 0 then error(ffi.string(C.hws_last_error().message.ptr)) end end

local engine, listener, count = ffi.new "hws_engine", ffi.new "hws_listener", ffi.new "uint32_t[1]"
local options, address = ffi.new "hws_server_options", ffi.new "char[64]"
local bind, events = "127.0.0.1:0", ffi.new("hws_event[?]", BATCH)
options.struct_size, options.bind.ptr, options.bind.len = ffi.sizeof(options), ffi.cast("const void *", bind), #bind
ok(C.hws_engine_new(nil, engine))
ok(C.hws_listen(engine, options, listener))
ok(C.hws_listener_address(listener, address, 64, nil))
print("listening on " .. ffi.string(address))
io.flush()
while true do
  ok(C.poll_by_word(engine.id, events, SIZE, BATCH, hawser.NEVER, count))
  for i = 0, count[0] - 1 do
    local event = events[i]
    if event.kind == MESSAGE then ok(C.send_by_word(event.conn.id, event.opcode, event.data.ptr, event.data.len, nil)) end
  end
end
