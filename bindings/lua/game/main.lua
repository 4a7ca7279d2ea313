--- The game of examples-c/game for LÖVE:  love game [URL] [--bot] [--frames N] [--picture FILE] [--log FILE]
--
-- Arrow keys move your square. Each frame sends which keys are down, updates the engine, and draws the newest scene; it
-- never waits for the network. --bot plays by itself; --picture saves the window as TGA after four seconds;
-- --log writes for each frame what the client in C does, see there.

local ffi = require "ffi"
local hawser = require "hawser"

ffi.cdef [[
typedef struct { long s, ns; } game_time;
typedef struct { long times[4], counts[12], voluntary_switches, others; } game_usage;
int clock_gettime(int clock, game_time *time);
int getrusage(int who, game_usage *usage);
]]

local SIDE, FRAME, STALE, PICTURE_AT = 24, 1 / 60, 0.25, 240
local KEYS = { left = 1, right = 2, up = 4, down = 8 }
local COLOURS = {
  [0] = { 240, 80, 60 }, { 60, 180, 250 }, { 250, 200, 50 }, { 90, 210, 100 }, { 200, 110, 240 }, { 240, 240, 240 },
}

local engine, conn, me
local players, heard = {}, 0 -- players: id, x and y of each
local frame, samples, unsent = 0, {}, 0
local options = { url = "ws://127.0.0.1:9005/" }

-- ---- the network

local function u16(data, at)
  return data:byte(at) * 256 + data:byte(at + 1)
end

local function take_scene(data)
  if #data < 6 or #data ~= 6 + data:byte(6) * 5 then return end -- never trust what you did not write
  players = {}
  for at = 7, #data, 5 do
    players[#players + 1] = { id = data:byte(at), x = u16(data, at + 1), y = u16(data, at + 3) }
  end
  heard = love.timer.getTime()
end

local function connect(url)
  engine = assert(hawser.engine())
  local wish = assert(hawser.preset "realtime")
  wish.uri = url
  wish.limits.send_queue_max = 1024 -- what waits longer than some frames is history
  conn = assert(engine:connect(wish))
  function conn:on_message(data)
    if data:sub(1, 1) == "S" then take_scene(data) elseif data:sub(1, 1) == "W" then me = data:byte(2) end
  end
  function conn:on_reconnecting(err) print("lost: " .. tostring(err)) end
  function conn:on_close(err) print(err) love.event.quit(1) end
  function conn:on_connect_failed(err) print(err) love.event.quit(1) end
end

local function network(keys)
  -- a full queue is no error here: the next frame says it again, and better
  if conn.handshake and not conn:send(string.char(keys), "binary") then unsent = unsent + 1 end
  assert(engine:update())
end

-- ---- the player

local function keys_down()
  if options.bot then return math.floor(frame / 100) % 2 == 1 and KEYS.left or KEYS.right end
  local keys = 0
  for key, bit in pairs(KEYS) do
    if love.keyboard.isDown(key) then keys = keys + bit end
  end
  return keys
end

local function save_picture(picture)
  local file = assert(io.open(options.picture, "wb"))
  file:write(picture:encode("tga"):getString())
  file:close()
end

local function save_log()
  local file = assert(io.open(options.log, "w"))
  for _, sample in ipairs(samples) do file:write(sample, "\n") end
  file:close()
end

-- ---- LÖVE

local CPU, THREAD = 3, 1 -- CLOCK_THREAD_CPUTIME_ID, RUSAGE_THREAD
local time, usage = ffi.new "game_time", ffi.new "game_usage"

local function cpu_seconds()
  ffi.C.clock_gettime(CPU, time)
  return tonumber(time.s) + tonumber(time.ns) * 1e-9
end

-- How often this thread has given the processor up so far.
local function waits()
  ffi.C.getrusage(THREAD, usage)
  return tonumber(usage.voluntary_switches)
end

local next_frame, began, share, cpu_share, waited

function love.load(arguments)
  local i = 1
  while arguments[i] do
    local name = arguments[i]:match "^%-%-(%l+)$"
    if name == "bot" then options.bot = true
    elseif name then i = i + 1 options[name] = arguments[i]
    else options.url = arguments[i] end
    i = i + 1
  end
  options.frames = tonumber(options.frames)
  connect(options.url)
  began = love.timer.getTime()
  next_frame = began
end

function love.update()
  local keys, before, cpu, start = keys_down(), waits(), cpu_seconds(), love.timer.getTime()
  network(keys)
  cpu_share, share, waited = cpu_seconds() - cpu, love.timer.getTime() - start, waits() - before
end

function love.draw()
  local graphics = love.graphics
  graphics.clear(16 / 255, 24 / 255, 48 / 255)
  for _, player in ipairs(players) do
    local red, green, blue = love.math.colorFromBytes(unpack(COLOURS[player.id % 6]))
    graphics.setColor(red, green, blue)
    if player.id == me then graphics.rectangle("line", player.x - 1.5, player.y - 1.5, SIDE + 3, SIDE + 3) end
    graphics.rectangle("fill", player.x, player.y, SIDE, SIDE)
  end
  if options.picture and frame == PICTURE_AT then graphics.captureScreenshot(save_picture) end
end

-- LÖVE's own loop would draw as often as it can where there is no vertical blank to wait for.
function love.run()
  love.load(love.arg.parseGameArguments(arg))
  return function()
    love.event.pump()
    for name, a in love.event.poll() do
      if name == "quit" then return a or 0 end
      if name == "keypressed" and a == "escape" then return 0 end
    end
    love.update()
    love.graphics.origin()
    love.draw()
    love.graphics.present()
    next_frame = math.max(next_frame + FRAME, began) -- the machine may have slept: go on from here
    love.timer.sleep(math.max(0, next_frame - love.timer.getTime()))

    local now = love.timer.getTime()
    samples[#samples + 1] = options.frames and ("%s %.1f %.1f %.1f %d"):format(
      now - heard < STALE and "live" or "stalled", (now - began) * 1e6, share * 1e6, cpu_share * 1e6, waited) or nil
    began, frame = now, frame + 1
    if frame ~= options.frames then return end
    if options.log then save_log() end
    print(("%d frames, %d of them could not be sent"):format(frame, unsent))
    conn:close(1000, "game over")
    function conn:on_close() end
    for _ = 1, 60 do
      if conn.error then break end
      engine:update(16)
    end
    return 0
  end
end

function love.errorhandler(message)
  io.stderr:write(tostring(message), "\n")
  return function() return 1 end
end
