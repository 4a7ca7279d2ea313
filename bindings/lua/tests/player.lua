--- player.lua URL SCENARIO: plays the golden scenario (tests/golden/README.md) and prints what happens.

local bit = require "bit"
local ffi = require "ffi"
local hawser = require "hawser"
local cdef = require "hawser_cdef"

ffi.cdef "int usleep(unsigned int microseconds);"

local server = arg[1]:match "^ws://(.*)$"
local engine, conn

-- ---- writing

local function say(depth, format, ...)
  print(("  "):rep(depth) .. format:format(...))
end

local function quoted(text)
  text = text:gsub(server:gsub("%p", "%%%0"), "SERVER"):gsub('["\\]', "\\%0")
  return '"' .. text:gsub("[^ -~]", function(byte) return ("\\x%02x"):format(byte:byte()) end) .. '"'
end

local function payload(data)
  if #data <= 128 then return quoted(data) end
  local hash = 0xcbf29ce484222325ULL
  for at = 1, #data do hash = bit.bxor(hash, 0ULL + data:byte(at)) * 0x100000001b3ULL end
  return ("%d bytes %s"):format(#data, bit.tohex(hash))
end

local function say_header(depth, header)
  say(depth, "header: %s %s", quoted(header.name), quoted(header.value))
end

local ordered = {}
for name, code in pairs(cdef.statuses) do ordered[#ordered + 1] = { name = name, code = code } end
table.sort(ordered, function(a, b) return a.code > b.code end)

local write = {
  operation = function(word) return word end,
  retryable = function(word) return cdef.enums.hws_retries[word] end,
  initiated_by = function(word) return cdef.enums.hws_sides[word] end,
  body = payload,
  close_rcvd = function(close) return close.code .. " " .. quoted(close.reason) end,
}
write.close_sent = write.close_rcvd

local FIELDS = [[
  operation state required_states retryable os_error tls_alert socks_reply http_status body_truncated opcode policy
  initiated_by attempts max_attempts retry_after_ms timeout_ms position size max_size current_size fragments
  max_fragments capacity dropped max_connections in_use message detail uri proxy location peer http_method
  http_version http_reason header_name header_value origin parameter_name parameter_value headers body close_rcvd
  close_sent rcvd_then_sent close_code
]]

local function say_error(depth, label, err)
  say(depth, "%s %s", label, err.name)
  local above = {}
  for _, class in ipairs(ordered) do
    if class.name ~= err.name and err:is(class.name) then above[#above + 1] = " " .. class.name end
  end
  say(depth + 1, "is:%s", table.concat(above))
  for field in FIELDS:gmatch "%S+" do
    local value = err[field]
    if field == "headers" then
      for _, header in ipairs(value) do
        if header.name ~= "Sec-WebSocket-Accept" then say_header(depth + 1, header) end
      end
    elseif value then
      local form = write[field] or type(value) == "string" and quoted or tostring
      say(depth + 1, "%s: %s", field, form(value))
    end
  end
  if err.cause then say_error(depth + 1, "cause", err.cause) end
end

local function say_event(event)
  local line = { event.kind:upper() }
  local function add(word) line[#line + 1] = word end
  if event.kind == "message" or event.kind == "fragment" then add(event.opcode) end
  for _, flag in ipairs { "fin", "compressed", "clean", "reconnected" } do
    if event[flag] then add(flag) end
  end
  if event.token ~= 0 then add("token=" .. event.token) end
  if event.kind == "queue" or event.kind == "reconnecting" then
    add("value=" .. (event.value == math.huge and "18446744073709551615" or event.value))
  end
  if event.data then add(payload(event.data)) end
  print(table.concat(line, " "))
  local handshake = event.handshake or { headers = {} }
  for _, field in ipairs { "http_status", "subprotocol", "extensions", "uri" } do
    local value = handshake[field] or ""
    if value ~= "" then say(1, "%s: %s", field, type(value) == "string" and quoted(value) or value) end
  end
  for _, header in ipairs(handshake.headers) do
    if header.name:find "^X%-" then say_header(1, header) end
  end
  if event.error then say_error(1, "error", event.error) end
end

local function called(command, result, err)
  if not result then
    say(0, "%s failed", command)
    say_error(1, "error", err)
  end
  return result
end

-- ---- the commands

local function unescape(text)
  return (text:gsub("\\(x?)(.)(%x?)", function(x, first, second)
    if x == "" then return first .. second end
    return string.char(tonumber(first .. second, 16))
  end))
end

-- The data of a line, and the words behind it.
local function quoted_data(line)
  local data, rest = line:match '"(.*)"(.*)$'
  return unescape(data), rest
end

local function option_value(word)
  if word == "on" or word == "off" then return word == "on" end
  return tonumber(word) or word
end

local commands = {}

commands["case"] = function(line)
  if engine then called("free", engine:close()) end
  engine, conn = nil, nil
  say(0, "== %s", line)
end

function commands.connect(line)
  local target, rest = line:match "^(%S+)(.*)$"
  local options = { uri = target:gsub("SERVER", server), engine = {} }
  for key, value in rest:gmatch " (%S-)=(%S+)" do
    local part, field = key:match "^(%l+)%.(.*)$"
    if part then
      options[part] = options[part] or {}
      options[part][field] = option_value(value)
    elseif key == "header" then
      local name, content = value:match "^(.-):(.*)$"
      options.headers = options.headers or {}
      table.insert(options.headers, { name = name, value = unescape(content) })
    elseif key == "subprotocols" then
      options.subprotocols = {}
      for one in value:gmatch "[^,]+" do table.insert(options.subprotocols, one) end
    else
      options[key] = option_value(value)
    end
  end
  engine = engine or called("engine", hawser.engine(options.engine))
  options.engine = nil
  conn = called("connect", engine:connect(options))
end

function commands.send(line, times)
  local opcode = line:match "^%l+"
  local data, rest = quoted_data(line)
  data = data:rep(times or 1)
  if opcode == "close" then return called("close", conn:close(1000, data)) end
  local options = { more = rest:find " more" ~= nil, raw = rest:find " raw" ~= nil }
  options.token = tonumber(rest:match "token=(%d+)")
  called("send", conn:send(data, opcode, options))
end

commands["repeat"] = function(line)
  local times, rest = line:match "^(%d+) (.*)$"
  commands.send(rest, tonumber(times))
end

function commands.await(kind)
  repeat
    local event = engine:take()
    if not event then
      called("poll", engine:poll(10000))
      event = engine:take()
    end
    if not event then return say(0, "await %s: nothing came", kind) end
    say_event(event)
  until event.kind:upper() == kind
end

function commands.close(line)
  called("close", conn:close(tonumber(line:match "%d+"), (quoted_data(line))))
end

function commands.abort()
  called("abort", conn:abort())
end

function commands.dropped(count)
  for _ = 1, 10000 do
    if conn:stats().recv_dropped >= tonumber(count) then return end
    ffi.C.usleep(1000)
  end
  say(0, "dropped: only %d", conn:stats().recv_dropped)
end

function commands.settle()
  while conn:state() do
    for _ in engine:events(1) do end -- they do not matter any more
  end
end

for line in io.lines(arg[2]) do
  local command, rest = line:match "^(%l+) ?(.*)$"
  if command then commands[command](rest) end
end
engine:close()
