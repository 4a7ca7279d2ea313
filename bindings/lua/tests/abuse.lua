--- What a program may do wrong: all of it gives errors, nothing a crash, and nothing is lost.

local bit = require "bit"
local ffi = require "ffi"
local hawser = require "hawser"
local test = require "harness"
local case, same, fails, raises, until_true, pair =
  test.case, test.same, test.fails, test.raises, test.until_true, test.pair

ffi.cdef [[
int fork(void);
int waitpid(int pid, int *status, int options);
void _exit(int status);
]]

case("close_twice", function()
  local engine = assert(hawser.engine())
  local conn, listener = pair(engine, {}, {})
  local pool = assert(engine:pool { client = { uri = "ws://127.0.0.1:1/" } })
  assert(pool:close())
  fails("POOL_CLOSED", pool:close())
  assert(conn:close())
  assert(conn:close()) -- it goes on with the first
  assert(listener:close())
  fails("INVALID_STATE", listener:close())
  assert(engine:run())
  assert(engine:update()) -- handles are stale at the poll after the last event
  fails("INVALID_HANDLE", conn:close())
  fails("INVALID_HANDLE", listener:close())
  assert(engine:close())
  fails("INVALID_HANDLE", engine:close())
end)

case("use_after_close", function()
  local engine = assert(hawser.engine())
  local conn, listener = pair(engine, {}, {})
  local pool = assert(engine:pool { client = { uri = "ws://127.0.0.1:1/" } })
  assert(engine:close())
  for _, call in ipairs {
    { conn, "send", "late" }, { conn, "close" }, { conn, "abort" }, { conn, "pause" }, { conn, "state" },
    { conn, "stats" }, { conn, "recv", 1 }, { conn, "subscribe", "a" }, { conn, "unsubscribe" }, { conn, "reconnect" },
    { conn, "replay", 1 }, { conn, "forget" }, { listener, "address" }, { listener, "close" },
    { listener, "set_tls", {} },
    { pool, "acquire", print }, { pool, "release", conn }, { pool, "stats" }, { pool, "close" }, { engine, "poll" },
    { engine, "update" }, { engine, "connect", "ws://127.0.0.1/" }, { engine, "listen", { bind = "127.0.0.1:0" } },
    { engine, "pool", { client = { uri = "ws://127.0.0.1/" } } }, { engine, "publish", "a", "b" },
    { engine, "subscribers", "a" },
    { engine, "stats" }, { engine, "refusals", "ERROR" }, { engine, "pollable" }, { engine, "next_timeout" },
  } do
    local object, name = call[1], call[2]
    fails("INVALID_HANDLE", object[name](object, call[3], call[4]))
  end
  raises("INVALID_HANDLE", function() for _ in engine:events() do error "there are none" end end)
  raises("INVALID_HANDLE", function() for _ in conn:messages(1) do error "there are none" end end)
  same(engine:run(), true) -- nothing is left of it
end)

case("garbage_engines_are_freed", function()
  -- 4096 is all there may be at a time
  for i = 1, 5000 do
    local engine = assert(hawser.engine())
    assert(engine:listen { bind = "unix:@hawser-lua-garbage-" .. i })
    if i % 200 == 0 then collectgarbage() end
  end
end)

case("a_connection_keeps_its_engine", function()
  local conn
  do
    local engine = assert(hawser.engine())
    conn = pair(engine, { on_message = function(peer, data) peer:send(data) end }, {})
  end
  collectgarbage()
  collectgarbage()
  assert(conn:send "still here")
  local data
  conn.on_message = function(_, text) data = text end
  until_true(conn.engine, function() return data end)
  same(data, "still here")
end)

case("finalizers", function()
  local engine = assert(hawser.engine())
  local conn = pair(engine, {}, {})
  local ran = 0
  local function finalizer()
    ran = ran + 1
    conn:send "from a finalizer"
    engine:update()
    engine:close()
    conn:send "and after"
    engine:close()
  end
  for _ = 1, 10 do
    getmetatable(newproxy(true)).__gc = finalizer
    ffi.gc(ffi.new "char[1]", finalizer)
  end
  collectgarbage()
  collectgarbage()
  same(ran, 20)
  -- and when the state ends
  local last = newproxy(true)
  local other = assert(hawser.engine())
  getmetatable(last).__gc = function()
    other:update()
    other:close()
  end
  _G.last = last
end)

case("a_hundred_engines", function()
  local engines, heard = {}, 0
  for i = 1, 100 do
    local engine = assert(hawser.engine())
    local listener = assert(engine:listen { bind = "127.0.0.1:0" })
    listener.on_message = function(conn, data) conn:send(data) end
    assert(engine:connect {
      uri = "ws://" .. listener:address(),
      on_open = function(conn) assert(conn:send(tostring(i))) end,
      on_message = function(conn, data)
        same(data, tostring(i))
        heard = heard + 1
        conn:close()
        listener:close()
      end,
    })
    engines[i] = engine
  end
  for _, engine in ipairs(engines) do assert(engine:run()) end
  same(heard, 100)
end)

case("handlers_that_raise", function()
  local engine, heard, raised = assert(hawser.engine()), {}, 0
  local conn = pair(engine, {
    on_message = function(peer)
      for i = 1, 10 do assert(peer:send(tostring(i))) end
    end,
  }, {})
  function conn:on_message(data)
    heard[#heard + 1] = data
    if tonumber(data) % 2 == 0 then error { number = data } end
    if tonumber(data) % 3 == 0 then error(nil) end
  end
  assert(conn:send "go")
  for _ = 1, 1000 do
    if not pcall(engine.update, engine, 10) then raised = raised + 1 end
    if #heard == 10 then break end
  end
  same(table.concat(heard, " "), "1 2 3 4 5 6 7 8 9 10") -- none is lost, none comes twice
  same(raised, 7)
end)

case("a_handler_closes_the_engine", function()
  local engine, heard = assert(hawser.engine()), 0
  local conn = pair(engine, {
    on_message = function(peer)
      for _ = 1, 10 do assert(peer:send "x") end
    end,
  }, {})
  function conn:on_message()
    heard = heard + 1
    assert(engine:close())
  end
  assert(conn:send "go")
  for _ = 1, 1000 do
    if not engine:update(10) then break end
  end
  same(heard, 1)
  fails("INVALID_HANDLE", engine:update())
end)

case("polling_inside_a_handler", function()
  local engine, heard = assert(hawser.engine()), {}
  local conn = pair(engine, {
    on_message = function(peer)
      for i = 1, 6 do assert(peer:send(tostring(i))) end
    end,
  }, {})
  function conn:on_message(data)
    heard[#heard + 1] = data
    if data == "1" then
      heard[#heard + 1] = assert(self:recv(5000))
      assert(engine:update(0))
      collectgarbage()
    end
  end
  assert(conn:send "go")
  until_true(engine, function() return #heard == 6 end)
  same(table.concat(heard, " "), "1 2 3 4 5 6")
end)

case("handlers_that_yield", function()
  local engine = assert(hawser.engine())
  local conn = pair(engine, { on_message = function(peer, data) peer:send(data) end }, {})
  function conn:on_message(data) self.answer = data .. coroutine.yield(data) end
  assert(conn:send "half ")
  local loop = coroutine.create(function()
    while not conn.answer do assert(engine:update(10)) end
  end)
  local _, data = coroutine.resume(loop)
  same(data, "half ")
  assert(coroutine.resume(loop, "and half"))
  same(conn.answer, "half and half")
end)

case("wrong_arguments", function()
  local engine = assert(hawser.engine())
  local conn = pair(engine, {}, {})
  for problem, options in pairs {
    ["url: a field of hws_client_options expected"] = { url = "ws://127.0.0.1/" },
    ["uri: string expected, got 5"] = { uri = 5 },
    ["timers: table expected, got boolean"] = { timers = false },
    ["timers.open_ms: int32_t expected, got 2147483648"] = { timers = { open_ms = 2 ^ 31 } },
    ["limits.message_max: uint64_t expected, got -1"] = { limits = { message_max = -1 } },
    ["limits.frame_max: uint64_t expected, got 0.5"] = { limits = { frame_max = 0.5 } },
    ["limits.overflow: name of hws_overflows expected, got explode"] = { limits = { overflow = "explode" } },
    ["compression.enabled: boolean expected, got 1"] = { compression = { enabled = 1 } },
    ["headers[1].value: string expected, got 7"] = { headers = { ["X-A"] = 7 } },
    ["subprotocols[2]: string expected"] = { subprotocols = { "a", {} } },
    ["on_open: function expected"] = { on_open = "open" },
  } do
    raises(problem, engine.connect, engine, options)
  end
  raises("share_topics: hws_engine expected", hawser.engine, { share_topics = conn })
  raises("data: string expected, got nil", conn.send, conn)
  raises("data: string expected, got table", conn.send, conn, {})
  raises("opcode: name of hws_opcodes expected, got txt", conn.send, conn, "x", "txt")
  raises("loud: a field of hws_send_options expected", conn.send, conn, "x", "text", { loud = true })
  raises("conns: hws_conn expected", engine.send_many, engine, { 5 }, "x")
  raises("conn: hws_conn expected", conn.send, engine, "x")
  raises("conn: hws_conn expected, got nil", conn.send, nil, "x")
  raises("code: uint32_t expected, got soon", conn.close, conn, "soon")
  raises("there is no code CLOSED", function() return fails("INVALID_SEND", conn:send "\255"):is "CLOSED" end)
  fails("INVALID_ARGUMENT", engine:connect())
  fails("INVALID_ARGUMENT", engine:poll(-2))
  fails("INVALID_SEND", conn:close(1005))
  fails("INVALID_SEND", conn:send("\255", "text"))
  same(conn:state(), "open") -- for all that
end)

case("forged_handles", function()
  local engine, peer = assert(hawser.engine()), nil
  local conn = pair(engine, { on_open = function(other) peer = other end }, {})
  until_true(engine, function() return peer end)
  local real = conn.handle
  for bits = 0, 63 do
    conn.handle = ffi.new("hws_conn", { bit.bxor(real.id, bit.lshift(1ULL, bits)) })
    if conn.handle.id ~= peer.handle.id then
      fails("INVALID_HANDLE", conn:send "x")
      fails("INVALID_HANDLE", conn:stats())
    end
  end
  conn.handle = nil
  raises("hws_conn expected", conn.send, conn, "x")
  conn.handle = real
  assert(conn:send "x")
end)

case("garbage_collection_at_every_step", function()
  jit.off()
  local engine = assert(hawser.engine())
  local listener = assert(engine:listen { bind = "127.0.0.1:0" })
  local address = listener:address()
  debug.sethook(function() collectgarbage() end, "", 10)
  local conn = engine:connect {
    uri = "ws://" .. address .. "/" .. ("x"):rep(100),
    headers = {
      { name = "X-" .. ("a"):rep(50), value = ("b"):rep(50) },
      { name = "X-" .. ("c"):rep(50), value = ("d"):rep(50) },
    },
    subprotocols = { ("e"):rep(50), ("f"):rep(50) },
    limits = { message_max = 1000 },
  }
  debug.sethook()
  local seen
  listener.on_open = function(_, handshake) seen = handshake end
  until_true(engine, function() return seen and conn.handshake end)
  same(seen.target, "/" .. ("x"):rep(100))
  same(seen.headers["x-" .. ("a"):rep(50)], ("b"):rep(50))
  same(seen.headers["X-" .. ("c"):rep(50)], ("d"):rep(50))
  same(table.concat(seen.subprotocols_offered), ("e"):rep(50) .. ("f"):rep(50))
  same(conn:state(), "open")
end)

case("finalizers_while_events_are_copied", function()
  jit.off()
  local engine, heard, busy, polled = assert(hawser.engine()), {}, 0, 0
  local conn = pair(engine, {
    on_message = function(peer)
      for i = 1, 10 do assert(peer:send(tostring(i))) end
    end,
  }, {
    on_message = function(_, data) heard[#heard + 1] = data end,
  })
  local function finalizer()
    local count, err = engine:poll()
    if count then polled = polled + 1 else busy = busy + 1 end
    assert(count or err.name == "CONCURRENCY", err)
    if not count then fails("CONCURRENCY", engine:close()) end
    conn:send "\255" -- fails, and must not take the place of another's error
  end
  assert(conn:send "go")
  debug.sethook(function()
    getmetatable(newproxy(true)).__gc = finalizer
    collectgarbage()
  end, "", 30)
  local deadline = 0
  repeat
    assert(engine:update(1))
    fails("INVALID_ARGUMENT", engine:publish("+", "x"))
    deadline = deadline + 1
  until #heard == 10 or deadline == 1000
  debug.sethook()
  same(table.concat(heard, " "), "1 2 3 4 5 6 7 8 9 10")
  assert(busy > 0 and polled > 0)
end)

case("fork", function()
  local engine = assert(hawser.engine())
  local conn = pair(engine, {}, {})
  local child = ffi.C.fork()
  if child == 0 then
    local fine = pcall(function()
      fails("FORKED", conn:send "x")
      fails("FORKED", engine:update())
      fails("FORKED", engine:close())
    end)
    ffi.C._exit(fine and 7 or 1)
  end
  local status = ffi.new "int[1]"
  same(ffi.C.waitpid(child, status, 0), child)
  same(status[0], 7 * 256, "the child's status")
  assert(conn:send "the parent goes on")
end)

test.main(arg[1])
