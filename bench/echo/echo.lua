-- echo: what hws_echo does, with the binding for LuaJIT: a handler for each message.
local hawser = require "hawser"

local engine = assert(hawser.engine())
local listener = assert(engine:listen {
  bind = "127.0.0.1:0",
  on_message = function(conn, data, event) assert(conn:send(data, event.opcode)) end,
})
print("listening on " .. listener:address())
io.flush()
while true do assert(engine:update(hawser.NEVER)) end
