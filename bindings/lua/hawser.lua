--- hawser: WebSocket clients and servers for LuaJIT and LÖVE.
--
-- What fails at run time returns nil and an Error; what makes no sense in Lua is raised. README.md has the rest.

-- LuaJIT 2.1 may hang in compiled code when finalizers call this; and calls that pass structs are not compiled anyway.
require("jit").off(true, true)

local ffi, bit = require "ffi", require "bit"
local cdef = require "hawser_cdef"
local enums, names, structs, statuses = cdef.enums, cdef.names, cdef.structs, cdef.statuses

-- A game may lay the library beside itself, and say so before it requires this.
local library = rawget(_G, "HAWSER_LIBRARY") or os.getenv "HAWSER_LIBRARY"
  or ({ Windows = "hawser", OSX = "libhawser.0.dylib" })[ffi.os] or "libhawser.so.0"
local C = ffi.load(library)
assert(C.hws_abi_version() == cdef.abi_version, library .. " has another ABI than this binding")

-- C is all of hawser.h, for what has no method here; NEVER is, in times, no deadline.
local hawser = { C = C, NEVER = -1, version = ffi.string(C.hws_version()) }

local str = ffi.typeof "hws_str"
local UINT64_MAX, EXACT = 0xFFFFFFFFFFFFFFFFULL, 2 ^ 53 -- numbers of Lua are exact up to the latter
local EVENT, BATCH = ffi.sizeof "hws_event", 256 -- the size of an event, and how many one poll gives

-- ---- from C: structs become tables; nil is a text that is not there, and a field of an error that does not apply

local decode, write, fill

-- 64 bits stay cdata where a number of Lua would not be exact; all ones is "no limit", "never".
local function number(value)
  if ffi.istype("uint64_t", value) and value == UINT64_MAX then return math.huge end
  local short = tonumber(value)
  return short <= EXACT and short >= -EXACT and short or value
end

local function text(value) return value.ptr ~= nil and ffi.string(value.ptr, value.len) or nil end

-- Headers in order; and by name, as they came and in lower case, the first of each.
local function by_name(headers)
  for _, header in ipairs(headers) do
    for _, name in ipairs { header.name, header.name:lower() } do headers[name] = headers[name] or header.value end
  end
  return headers
end

local read = {
  number = number,
  status = number,
  text = text,
  enum = function(value, field) return value ~= field.none and (names[field.type][value] or value) or nil end,
  toggle = function(value) return ({ [1] = true, [2] = false })[value] end,
  handle = function(value, field) return value.id ~= 0 and ffi.new(field.type, value) or nil end,
  pointer = function(value, field) if value ~= nil then return decode(field.type, value) end end,
  struct = function(value, field)
    return (field.type ~= "hws_close_info" or value.present ~= 0) and decode(field.type, value) or nil
  end,
  array = function(value, field, struct)
    local list = {}
    for i = 0, tonumber(struct[field.count]) - 1 do
      list[i + 1] = field.type == "hws_str" and text(value[i]) or decode(field.type, value[i])
    end
    return field.type == "hws_header" and by_name(list) or list
  end,
}

--- What went wrong: the fields of hws_error_info that apply, and `name`, "INVALID_STATUS"; `cause` is an Error too.
local Error = {}
Error.__index = Error

--- True if this is the code `name`, or below it: err:is "HANDSHAKE".
function Error:is(name)
  local code = statuses[name] or error("there is no code " .. tostring(name), 2)
  return C.hws_status_is_a(self.status, code) == 1
end

--- One line, with all causes.
function Error:__tostring()
  local line = self.name .. ": " .. (self.message or "")
  return self.cause and line .. " <- " .. tostring(self.cause) or line
end

--- Like err:is(name), for a value that may be anything: what pcall has caught.
function hawser.is(value, name) return getmetatable(value) == Error and value:is(name) end

function decode(name, struct)
  local found = {}
  for key, field in pairs(structs[name]) do
    local value = read[field.kind](struct[key], field, struct)
    if value ~= field.none then found[key] = value end
  end
  if name ~= "hws_error_info" then return found end
  if not found.status then return nil end -- no error, which C hands out as one
  found.operation = found.operation and ffi.string(C.hws_operation_name(found.operation))
  found.name = ffi.string(C.hws_status_name(found.status)):gsub("^HWS_ERR_", "")
  return setmetatable(found, Error)
end

-- ---- to C: tables of options become structs, which point into `keep`.

local here = debug.getinfo(1, "S").source

-- What the caller got wrong is raised where he called.
local function blame(path, what, value)
  local level, found = 2, type(value)
  while (debug.getinfo(level, "S") or {}).source == here do level = level + 1 end
  if found == "number" or found == "string" then found = tostring(value) end
  error(("%s: %s expected, got %s"):format(path, what, found), level)
end

local function expect(kind, value, path) return type(value) == kind and value or blame(path, kind, value) end

-- A value of Lua as C wants it: of a field that is one word, or of an argument, which may be nil.
local to
to = {
  number = function(value, ctype, path)
    if value == nil then return 0 end
    if value == math.huge and ctype == "uint64_t" then return UINT64_MAX end
    if ffi.istype("uint64_t", value) or ffi.istype("int64_t", value) then return value end
    local fits = type(value) == "number" and tonumber(ffi.cast(ctype, value)) == value
    return fits and value or blame(path, ctype, value)
  end,
  toggle = function(value, _, path) return ({ [true] = 1, [false] = 2 })[value] or blame(path, "boolean", value) end,
  enum = function(value, ctype, path) return enums[ctype][value] or blame(path, "name of " .. ctype, value) end,
  status = function(value, _, path) return statuses[value] or blame(path, "name of a code", value) end,
  opcode = function(value, _, path) return to.enum(value or "text", "hws_opcodes", path) end,
  data = function(value, _, path) return expect("string", value, path) end,
  handles = function(value, ctype, path)
    local list = {}
    for i, one in ipairs(expect("table", value, path)) do list[i] = to.handle(one, ctype, path) end
    return ffi.new(ctype .. "[?]", #list, list)
  end,
  text = function(value, _, path) return str(expect("string", value or "", path), #(value or "")) end,
  handle = function(value, ctype, path)
    local handle = type(value) == "table" and value.handle or value
    return ffi.istype(ctype, handle) and handle or blame(path, ctype, value)
  end,
}

-- { ["X-Token"] = "secret" } is as good as { { name = "X-Token", value = "secret" } }, which has an order.
local function in_order(headers)
  if #headers > 0 then return headers end
  local list = {}
  for name, value in pairs(headers) do list[#list + 1] = { name = name, value = value } end
  return list
end

write = {
  text = function(at, _, value, path)
    at.ptr, at.len = ffi.cast("const void *", expect("string", value, path)), #value
  end,
  struct = function(at, field, value, path, keep) fill(at, field.type, value, path .. ".", keep) end,
  pointer = function(_, field, value, path, keep, struct, key)
    local target = ffi.new(field.type)
    keep[#keep + 1] = target
    struct[key] = fill(target, field.type, value, path .. ".", keep)
  end,
  array = function(_, field, value, path, keep, struct, key)
    local list = expect("table", value, path)
    if field.type == "hws_header" then list = in_order(list) end
    local array = ffi.new(field.type .. "[?]", #list)
    keep[#keep + 1] = array
    local kind = field.type == "hws_str" and "text" or "struct"
    for i, item in ipairs(list) do write[kind](array[i - 1], field, item, ("%s[%d]"):format(path, i), keep) end
    struct[key], struct[field.count] = array, #list
  end,
}

local function is_handler(key) return type(key) == "string" and key:sub(1, 3) == "on_" end

function fill(struct, name, options, path, keep)
  local fields = structs[name]
  if ffi.offsetof(name, "struct_size") then struct.struct_size = ffi.sizeof(name) end
  for key, value in pairs(expect("table", options, path == "" and name or path:sub(1, -2))) do
    local field = fields[key]
    local flag = fields.flags and (enums.hws_send_flags[key] or enums.hws_publish_flags[key])
    if field and write[field.kind] then
      write[field.kind](struct[key], field, value, path .. key, keep, struct, key)
    elseif field then
      struct[key] = to[field.kind](value, field.type, path .. key)
    elseif flag then
      struct.flags = bit.bor(struct.flags, value and flag or 0)
    elseif path == "" and is_handler(key) then
      expect("function", value, key)
    else
      blame(path .. tostring(key), "a field of " .. name, value)
    end
  end
  return struct
end

-- What a struct points to lives as long as the struct.
local anchors = setmetatable({}, { __mode = "k" })

local function encode(name, options)
  local struct, keep = ffi.new(name), { options }
  anchors[struct] = keep
  return fill(struct, name, options, "", keep)
end

function to.options(value, ctype) return value ~= nil and encode(ctype, value) or nil end

-- ---- calls: a function of C as one of Lua. It returns what C gives through pointers, or true; or nil and an Error.

-- While C lends us memory a finalizer may run, and must not make a call that ends the loan. What `call` is given must
-- be what C expects: if it were refused here, `reading` would stay.
local reading = false
local BUSY = setmetatable({ status = statuses.CONCURRENCY, name = "CONCURRENCY", message = "in a finalizer" }, Error)

local function call(fn, ...)
  if reading then return nil, BUSY end
  reading = true
  local err = fn(...) ~= 0 and decode("hws_error_info", C.hws_last_error())
  reading = false
  if err then return nil, err end
  return true
end

local from = {
  filled = function(ctype)
    local struct = encode(ctype, {})
    return struct, function() return decode(ctype, struct) end
  end,
  out = function(ctype)
    local is_handle = ctype:find "^hws_"
    local place = is_handle and ffi.new(ctype) or ffi.new(ctype .. "[1]")
    return place, function() return is_handle and place or number(place[0]) end
  end,
}

local function method(name)
  local fn, parameters = C[name], cdef.functions[name]
  return function(...)
    local passed, results, at = {}, {}, 0
    for i, one in ipairs(parameters) do
      if from[one.kind] then
        passed[i], results[#results + 1] = from[one.kind](one.type)
      elseif one.kind == "length" then
        passed[i] = #select(at, ...)
      else
        at = at + 1
        passed[i] = to[one.kind]((select(at, ...)), one.type, one.name)
      end
    end
    local fine, err = call(fn, unpack(passed, 1, #parameters))
    if not fine or #results == 0 then return fine, err end
    return results[1](), results[2] and results[2]()
  end
end

-- ---- objects: tables around handles. An engine knows those of its own that live, by the bytes of their handles.

local function new_class(name)
  local new = { ctype = ffi.typeof("hws_" .. name) }
  new.__index = new
  new.__tostring = function(self) return "hawser " .. name .. " " .. bit.tohex(self.handle.id) end
  return new
end

local Engine, Connection, Listener = new_class "engine", new_class "conn", new_class "listener"
local Request, Pool = new_class "request", new_class "pool"

local function key(handle) return ffi.string(handle, 8) end
local function forget(self) self.engine.objects[key(self.handle)] = nil end

local function with_handlers(new, options)
  for name, handler in pairs(options or {}) do
    if is_handler(name) then new[name] = handler end
  end
  return new
end

-- The object of a handle, made if it is not known, with the handlers among `options`; or why there is no handle.
local function object(engine, class, options, handle, err)
  if not handle then return nil, err end
  local id = key(handle)
  engine.objects[id] = engine.objects[id] or setmetatable({ engine = engine, handle = class.ctype(handle) }, class)
  return with_handlers(engine.objects[id], options)
end

-- ---- events: copied whole, so that nothing can dangle

-- What the handler of a kind gets first, behind the object that it is about.
local ARGUMENT = {
  open = "handshake", message = "data", fragment = "data", ping = "data", pong = "data", publish = "data",
  sent = "token", queue = "error", close = "error", connect_failed = "error", reconnecting = "error",
  request = "request", accept_failed = "error", listener_closed = "value",
}

local function to_event(engine, raw)
  local kind = names.hws_event_kinds[raw.kind] or raw.kind
  local event = { kind = kind, token = number(raw.token), value = number(raw.value) }
  if raw.flags ~= 0 then
    for name, flag in pairs(enums.hws_event_flags) do event[name] = bit.band(raw.flags, flag) ~= 0 end
  end
  if ARGUMENT[kind] == "data" then
    event.data = raw.data.ptr ~= nil and ffi.string(raw.data.ptr, raw.data.len) or ""
    event.opcode, event.topic = names.hws_opcodes[raw.opcode], text(raw.topic)
  end
  if raw.error ~= nil then event.error = decode("hws_error_info", raw.error) end
  if raw.handshake ~= nil then event.handshake = decode("hws_handshake", raw.handshake) end
  event.listener = engine.objects[key(raw.listener)] -- nil when it is closed: its connections may live on
  if raw.conn.id ~= 0 then
    event.conn = object(engine, Connection, nil, raw.conn)
    event.conn.listener = event.conn.listener or event.listener
  end
  if raw.request.id ~= 0 then
    local request = { engine = engine, handle = Request.ctype(raw.request), listener = event.listener }
    request.handshake, request.plain = event.handshake, event.plain
    event.request = setmetatable(request, Request)
  end
  if kind == "pool_ready" or kind == "pool_failed" then event.pool = engine.pools[tostring(raw.value)] end
  return event
end

-- Puts what C lends us into the queue.
local function copy(engine, count)
  reading = true
  for i = 0, count - 1 do table.insert(engine.queue, to_event(engine, engine.batch[i])) end
  reading = false
end

-- What an event changes in the objects it is about, from the moment it is given to somebody.
local function settle(event)
  local conn = event.conn
  if event.kind == "open" or event.kind == "pool_ready" then
    conn.handshake = event.handshake
  elseif event.kind == "close" or event.kind == "connect_failed" then
    conn.error = event.error
    forget(conn)
  elseif event.kind == "listener_closed" then
    forget(event.listener)
  end
  return event
end

-- Takes the event at a place in the queue, by default the oldest.
local function take(engine, at)
  local event = table.remove(engine.queue, at or 1)
  return event and settle(event)
end

-- Takes the oldest event of a connection that is of one of these kinds.
local function find(conn, kinds)
  for at, event in ipairs(conn.engine.queue) do
    if event.conn == conn and kinds[event.kind] then return take(conn.engine, at) end
  end
end

local function dispatch(engine, event)
  local callback = event.pool and event.pool.calls[event.token]
  if callback then
    event.pool.calls[event.token] = nil
    return callback(event.conn, event.error)
  end
  local subject, name = event.conn or event.listener or engine, "on_" .. event.kind
  local handler = subject[name] or subject.listener and subject.listener[name] or engine[name]
  if handler then handler(subject, event[ARGUMENT[event.kind]], event) end
end

-- ---- engines

--- Takes the oldest event that has been polled.
function Engine:take() return take(self) end

local engine_new, connect, listen = method "hws_engine_new", method "hws_connect", method "hws_listen"
local pool_new, free = method "hws_pool_new", method "hws_engine_free"
local send, publish, send_many = method "hws_send", method "hws_publish", method "hws_send_many"

--- An engine: the loop that drives connections and listeners. `options` are hws_engine_options and handlers.
function hawser.engine(options)
  local handle, err = engine_new(options)
  if not handle then return nil, err end
  local engine = { handle = ffi.gc(handle, C.hws_engine_free), objects = {}, pools = {} }
  engine.queue = {} -- events that nobody has taken yet
  engine.batch, engine.count = ffi.new("hws_event[?]", BATCH), ffi.new "uint32_t[1]"
  return setmetatable(with_handlers(engine, options), Engine)
end

--- Does all work that is due, and waits up to `timeout_ms` (default 0) for events. They wait for update or events then;
-- returns how many do.
function Engine:poll(timeout_ms)
  local handle, timeout = to.handle(self, "hws_engine", "engine"), to.number(timeout_ms, "int32_t", "timeout_ms")
  local fine, err = call(C.hws_poll, handle, self.batch, EVENT, BATCH, timeout, self.count)
  if not fine then return nil, err end
  copy(self, self.count[0])
  return #self.queue
end

--- Polls, then calls the handler of each event: once a frame, say. Returns how many events there were. An error in a
-- handler comes out of here, and the next update goes on with the event behind it.
function Engine:update(timeout_ms)
  local count, err = self:poll(#self.queue == 0 and timeout_ms or 0)
  if not count then return nil, err end
  for event in self.take, self do dispatch(self, event) end
  return count
end

--- Polls, then gives each event as a table: for event in engine:events(100) do ... end. An error of the poll is raised.
function Engine:events(timeout_ms)
  assert(self:poll(#self.queue == 0 and timeout_ms or 0))
  return self.take, self
end

--- Updates until there are neither connections nor listeners.
function Engine:run()
  local fine, err = true, nil
  while fine and next(self.objects) do fine, err = self:update(hawser.NEVER) end
  return fine and true, err
end

--- Begins to connect: on_open or on_connect_failed follows. `options` is a URI, or a table of hws_client_options and
-- handlers; hawser.preset makes one to begin with.
function Engine:connect(options)
  if type(options) == "string" then options = { uri = options } end
  return object(self, Connection, options, connect(self, options))
end

--- Binds and listens. Handlers among `options`, hws_server_options, are also those of its connections.
function Engine:listen(options) return object(self, Listener, options, listen(self, options)) end

--- A pool of connections to one server: hws_pool_options.
function Engine:pool(options)
  local handle, err = pool_new(self, options)
  if not handle then return nil, err end
  local pool = setmetatable({ engine = self, handle = handle, calls = {}, last_call = 0 }, Pool)
  self.pools[tostring(handle.id)] = pool
  return pool
end

--- Drops all connections and listeners at once, without events. The garbage collector does the same.
function Engine:close()
  local fine, err = free(self)
  if fine then
    ffi.gc(self.handle, nil)
    self.objects, self.pools, self.queue = {}, {}, {}
  end
  return fine, err
end

--- To all connections that have subscribed to a topic; options are raw, local, except. Returns how many got it, and how
-- many were skipped.
function Engine:publish(topic, data, opcode, options) return publish(self, topic, opcode, data, options) end
--- Likewise, to all connections of a list.
function Engine:send_many(conns, data, opcode, options) return send_many(conns, opcode, data, options) end
--- How many connections would get what is published to a topic.
Engine.subscribers = method "hws_topic_subscribers"
--- Counters: hws_stats.
Engine.stats = method "hws_engine_stats"
--- How many clients of listeners failed to open with a code, "HANDSHAKE", or one below it.
Engine.refusals = method "hws_engine_refusals"
--- A file descriptor that is readable when there is something to poll, for a loop of your own;
Engine.pollable = method "hws_engine_pollable"
--- and how many milliseconds that may wait for it.
Engine.next_timeout = method "hws_engine_next_timeout"

-- ---- connections

--- Sends a message, or a fragment of one. `opcode` is "text", the default, "binary", "cont", "ping" or "pong"; options
-- are more, raw, again, token. It leaves with the next poll at the latest.
function Connection:send(data, opcode, options)
  if options then return send(self, opcode, data, options) end
  local conn, code = to.handle(self, "hws_conn", "conn"), to.opcode(opcode, nil, "opcode")
  return call(C.hws_send, conn, code, to.data(data, nil, "data"), #data, nil)
end
--- close(code, reason): begins the closing handshake; on_close follows.
Connection.close = method "hws_close"
--- Drops the connection at once; on_close follows.
Connection.abort = method "hws_abort"
--- subscribe(topic): what is published to it is sent to the peer. + and # are wildcards.
Connection.subscribe = method "hws_subscribe"
--- Takes a subscription back; without a topic, all.
Connection.unsubscribe = method "hws_unsubscribe"
--- Counters: hws_stats.
Connection.stats = method "hws_conn_stats"
--- Opens the connection again, now or as hws_reconnect_options say.
Connection.reconnect = method "hws_conn_reconnect"
--- With replay = "on_request": the peer has what was sent with tokens up to this one.
Connection.replay = method "hws_conn_replay"
--- Ends what the option `again` of send began, for a token; without one, all of it.
Connection.forget = method "hws_conn_forget"

local pause, state = method "hws_conn_pause", method "hws_conn_state"

--- Stops taking messages, so that the peer is slowed down; with false, takes them again.
function Connection:pause(paused) return pause(self, paused == false and 0 or 1) end

--- "connecting", "open", "closing", "closed" or "reconnecting".
function Connection:state()
  local value, err = state(self)
  return names.hws_states[value], err
end

local OPENED = { open = true, connect_failed = true, close = true }
local RECEIVED = { message = true, fragment = true, connect_failed = true, close = true }

--- For scripts: waits until the connection is open, and returns it; or nil and why it is not.
function Connection:wait()
  while not (self.handshake or self.error or find(self, OPENED)) do
    local count, err = self.engine:poll(hawser.NEVER)
    if not count then return nil, err end
  end
  return not self.error and self or nil, self.error
end

--- For scripts: waits for a message, and returns it with its event; or nil and why: RECV_TIMEOUT, or conn.error.
function Connection:recv(timeout_ms)
  local handle, timeout = to.handle(self, "hws_conn", "conn"), to.number(timeout_ms or -1, "int32_t", "timeout_ms")
  local event = not self.error and find(self, RECEIVED)
  if not event and not self.error then
    local fine, err = call(C.hws_recv, handle, self.engine.batch, EVENT, timeout)
    if not fine then
      if self:state() == "closed" then settle { kind = "close", conn = self, error = err } end
      return nil, err
    end
    copy(self.engine, 1)
    event = find(self, RECEIVED)
  end
  if self.error then return nil, self.error end
  return event.data, event
end

--- For scripts: for data, event in conn:messages() do ... end, until it is closed. Any end but a clean one is raised.
function Connection:messages(timeout_ms)
  return function()
    local data, event = self:recv(timeout_ms)
    if not data and not event:is "CLOSED_OK" then error(event, 0) end
    return data, event
  end
end

-- ---- listeners, requests, pools

--- Stops accepting; on_listener_closed follows. With hws_drain, if empty, its connections end too.
Listener.close = method "hws_listener_close"
--- New connections open with this certificate and these rules: hws_tls.
Listener.set_tls = method "hws_listener_set_tls"

--- What it is bound to, "127.0.0.1:40213".
function Listener:address()
  local buffer = ffi.new "char[256]"
  local fine, err = call(C.hws_listener_address, to.handle(self, "hws_listener", "listener"), buffer, 256, nil)
  return fine and ffi.string(buffer), err
end

local accept, acquire, release = method "hws_request_accept", method "hws_pool_acquire", method "hws_pool_release"

--- Lets the client in and returns the connection; on_open follows. `options` are hws_accept_options, and handlers.
function Request:accept(options)
  local conn, err = object(self.engine, Connection, options, accept(self, options))
  if conn then conn.listener = self.listener end
  return conn, err
end

--- Answers with a response of HTTP: { status = 401, headers = {}, body = "" }.
Request.respond = method "hws_request_respond"

--- Asks for a connection to `target`, "/path" or nil. callback(conn) or callback(nil, err) follows, in an update.
function Pool:acquire(callback, target, timeout_ms)
  local token = self.last_call + 1
  self.calls[token] = expect("function", callback, "callback")
  local fine, err = acquire(self, target, timeout_ms, token)
  if fine then self.last_call = token else self.calls[token] = nil end
  return fine, err
end

--- Gives a connection back; it is lent again unless `reusable` is false. Nothing more is heard of it.
function Pool:release(conn, reusable)
  local fine, err = release(self, conn, reusable == false and 0 or 1)
  if fine then forget(conn) end
  return fine, err
end

--- What there is in the pool, and what has been: hws_pool_counts.
Pool.stats = method "hws_pool_stats"
--- Closes the pool, and connections when nobody holds them.
Pool.close = method "hws_pool_free"

--- An engine, a connection to `options` of Engine:connect, and the wait until it is open: a client for scripts.
function hawser.connect(options)
  local engine, conn, err
  engine, err = hawser.engine()
  if engine then conn, err = engine:connect(options) end
  if not conn then return nil, err end
  return conn:wait()
end

--- Options from a preset, "realtime", "dashboard" or "mobile": add a URI, and connect. Servers have no `reconnect`.
function hawser.preset(name)
  local preset = encode("hws_preset", { timers = {}, limits = {}, compression = {}, reconnect = {} })
  local fine, err = call(C.hws_preset_get, to.text(name, nil, "name"), preset)
  return fine and decode("hws_preset", preset), err
end

--- nil and an Error of yours: hws_raise, with status "INVALID_MESSAGE_DATA" or "CALLBACK".
hawser.raise = method "hws_error_raise"

--- True if the library can do this: "tls", "pool", "io_thread" ...
function hawser.has(feature) return C.hws_has_feature(feature) == 1 end

return hawser
