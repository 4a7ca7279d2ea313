--- Other Lua states, each on a thread of its own, use and abuse a connection of this one. Run with love.

local ffi = require "ffi"
local hawser = require "hawser"

local HITS = 2000

-- What the other threads do: they have the number of a connection and that of its engine, nothing else.
local ABUSE = [[
  local conn_id, engine_id, hits = ...
  local ffi = require "ffi"
  local hawser = require "hawser"
  local function id(hex) return tonumber(hex:sub(1, 8), 16) * 0x100000000ULL + tonumber(hex:sub(9), 16) end
  local conn, engine = ffi.new("hws_conn", { id(conn_id) }), ffi.new("hws_engine", { id(engine_id) })
  local tally = {}
  for _ = 1, hits do
    for _, status in ipairs {
      hawser.C.hws_send(conn, 1, "x", 1, nil), hawser.C.hws_send(conn, 1, "\255", 1, nil), hawser.C.hws_wake(engine),
    } do
      if status ~= 0 and hawser.C.hws_last_error().status ~= status then error "the error of another thread" end
      tally[status] = (tally[status] or 0) + 1
    end
  end
  local mine = assert(hawser.engine())
  assert(mine:update())
  love.thread.getChannel("tally"):push { sent = tally[0], invalid = tally[-109], engine = tostring(mine) }
]]

local engine = assert(hawser.engine())
local received = 0
local listener = assert(engine:listen { bind = "127.0.0.1:0", on_message = function() received = received + 1 end })
local conn = assert(assert(engine:connect("ws://" .. listener:address())):wait())

local id = require("bit").tohex
local threads = {}
for i = 1, 3 do
  threads[i] = love.thread.newThread(ABUSE)
  threads[i]:start(id(conn.handle.id), id(engine.handle.id), HITS)
end

function love.update()
  assert(engine:update(20))
  local busy = 0
  for _, thread in ipairs(threads) do
    assert(not thread:getError(), thread:getError())
    if thread:isRunning() then busy = busy + 1 end
  end
  if busy > 0 or received < 3 * HITS then return end
  for _ = 1, 3 do
    local tally = love.thread.getChannel("tally"):pop()
    assert(tally.invalid == HITS and tally.sent == 2 * HITS)
  end
  assert(ffi.sizeof "hws_event" == 128)
  print(("%d messages from 3 threads"):format(received))
  love.event.quit(0)
end

function love.errorhandler(message)
  io.stderr:write(tostring(message), "\n")
  return function() return 1 end
end
