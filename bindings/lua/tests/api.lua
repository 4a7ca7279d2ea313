--- What README.md promises, one case each. The golden transcript shows events and errors; this shows the rest.

local hawser = require "hawser"
local cdef = require "hawser_cdef"
local ffi = require "ffi"
local test = require "harness"
local case, same, fails, raises, until_true, pair =
  test.case, test.same, test.fails, test.raises, test.until_true, test.pair

case("codes_are_those_of_the_library", function()
  local count, known = 0, 0
  for _ in pairs(cdef.statuses) do known = known + 1 end
  while hawser.C.hws_status_at(count) ~= 0 do
    local code = hawser.C.hws_status_at(count)
    local name = ffi.string(hawser.C.hws_status_name(code)):gsub("^HWS_ERR_", "")
    same(cdef.statuses[name], code, name)
    count = count + 1
  end
  same(known, count)
end)

case("errors_say_what_they_are", function()
  local _, err = hawser.connect "ws://127.0.0.1:1/"
  assert(err:is "CONNECTION_REFUSED" and err:is "NETWORK" and err:is "ERROR" and not err:is "HANDSHAKE")
  assert(hawser.is(err, "NETWORK") and not hawser.is("text", "NETWORK") and not hawser.is(nil, "NETWORK"))
  same(err.name, "CONNECTION_REFUSED")
  assert(tostring(err):find "^CONNECTION_REFUSED: the peer refuses connections")
  assert(err.os_error and err.retryable == "yes" and err.position == nil and err.http_status == nil)
  local _, raised = pcall(assert, nil, err)
  same(raised, err)
end)

case("errors_of_ones_own", function()
  local wish = { status = "INVALID_MESSAGE_DATA", detail = "no JSON", opcode = "text", size = 3 }
  wish.has_position, wish.position = 1, 0
  local err = fails("INVALID_MESSAGE_DATA", hawser.raise(wish))
  same(err.position, 0)
  same(err.detail, "no JSON")
  same(fails("CALLBACK", hawser.raise { status = "CALLBACK" }):is "INTERNAL", true)
end)

case("scripts", function()
  local server = assert(hawser.engine { io_thread = true })
  local _, listener = pair(server, { on_message = function(conn, data) conn:send(data:upper()) end }, {})
  local conn = assert(hawser.connect("ws://" .. listener:address()))
  same(conn:state(), "open")
  -- the other side is in this very thread, so let both have their turns
  local function turns()
    for _ = 1, 10 do assert(conn.engine:poll(5) and server:update(5)) end
  end
  for _, word in ipairs { "one", "two" } do assert(conn:send(word)) end
  local again = 0
  turns()
  same(conn:recv(5000), "ONE")
  for data, event in conn:messages(5000) do
    same(data, "TWO")
    same(event.opcode, "text")
    again = again + 1
    conn:close()
    turns()
  end
  same(again, 1)
  fails("CLOSED_OK", conn:recv())
  same(conn.error.close_code, 1000)
  fails("INVALID_ARGUMENT", conn.engine:poll(-5))
end)

case("recv_times_out", function()
  local engine = assert(hawser.engine())
  local conn = pair(engine, {}, {})
  fails("RECV_TIMEOUT", conn:recv(10))
  assert(conn:send "it goes on")
end)

case("an_unclean_end_is_raised_by_messages", function()
  local server = assert(hawser.engine())
  local _, listener = pair(server, { on_message = function(conn) conn:close(4000, "no") end }, {})
  local engine = assert(hawser.engine())
  local conn = assert(engine:connect("ws://" .. listener:address()))
  until_true(engine, function() assert(server:update()) return conn.handshake end)
  assert(conn:send "x")
  local _, err = pcall(function()
    for _ in conn:messages(10) do error "there are none" end
  end)
  fails("RECV_TIMEOUT", nil, err)
  for _ = 1, 10 do assert(engine:poll(5) and server:update(5)) end
  _, err = pcall(function()
    for _ in conn:messages(5000) do error "there are none" end
  end)
  same(fails("CLOSED_ERROR", nil, err).close_rcvd.reason, "no")
end)

case("events_as_a_loop", function()
  local engine, kinds = assert(hawser.engine()), {}
  local listener = assert(engine:listen { bind = "127.0.0.1:0" })
  local client = assert(engine:connect("ws://" .. listener:address()))
  while not client.error do
    for event in engine:events(1000) do
      kinds[event.kind] = (kinds[event.kind] or 0) + 1
      if event.kind == "open" then event.conn:send("hello", "binary", { token = 5 }) end
      if event.kind == "sent" then same(event.token, 5) end
      if event.kind == "message" and event.conn == client then event.conn:close() end
    end
  end
  assert(kinds.open == 2 and kinds.message == 2 and kinds.sent == 2 and kinds.close >= 1)
end)

case("fragments_and_pings", function()
  local engine, log = assert(hawser.engine()), {}
  local conn = pair(engine, {
    limits = { deliver_fragments = true, deliver_pings = true },
    on_fragment = function(_, data, event) log[#log + 1] = "f" .. data .. (event.fin and "!" or "") end,
    on_ping = function(_, data) log[#log + 1] = "p" .. data end,
  }, {
    on_pong = function(_, data, event) log[#log + 1] = "P" .. data .. event.token end,
  })
  assert(conn:send("a", "text", { more = true }))
  assert(conn:send("b", "cont"))
  assert(conn:send("c", "ping", { token = 9 }))
  until_true(engine, function() return #log == 4 end)
  same(table.concat(log, " "), "fa fb! pc Pc9")
end)

case("routes_requests_and_responses", function()
  local engine = assert(hawser.engine())
  local rooms, refused = {}, nil
  local listener = assert(engine:listen {
    bind = "127.0.0.1:0",
    routes = {
      { pattern = "/rooms/:room", decide = true, subprotocols = { "chat" } },
      { pattern = "/health", page = { status = 200, body = "fine" } },
    },
    on_request = function(_, request)
      if request.handshake.headers["x-token"] ~= "secret" then
        assert(request:respond { status = 401, headers = { ["WWW-Authenticate"] = "Token" }, body = "who are you?" })
        return fails("INVALID_HANDLE", request:accept())
      end
      assert(request:accept {
        headers = { { name = "X-Room", value = request.handshake.params.room } },
        on_open = function(conn, handshake)
          rooms[#rooms + 1] = handshake.params.room .. handshake.subprotocol
          conn:send "welcome"
        end,
      })
    end,
    on_accept_failed = function(_, err) refused = err end,
  })
  local base = "ws://" .. listener:address()
  local failed = assert(engine:connect(base .. "/rooms/deck"))
  until_true(engine, function() return failed.error and refused end)
  same(failed.error.http_status, 401)
  same(failed.error.body, "who are you?")
  same(failed.error.headers["www-authenticate"], "Token")
  fails("HANDSHAKE_ABORTED", nil, refused)
  same(engine:refusals "HANDSHAKE_ABORTED", 1)
  local greeting
  local conn = assert(engine:connect {
    uri = base .. "/rooms/deck%2042",
    headers = { ["X-Token"] = "secret" },
    subprotocols = { "other", "chat" },
    on_message = function(_, data) greeting = data end,
  })
  until_true(engine, function() return greeting end)
  same(conn.handshake.headers["X-Room"], "deck 42")
  same(rooms[1], "deck 42chat")
  local page = assert(engine:connect(base .. "/health"))
  until_true(engine, function() return page.error end)
  same(page.error.http_status, 200)
end)

case("topics", function()
  local engine, heard = assert(hawser.engine()), {}
  local members = {}
  local listener = assert(engine:listen {
    bind = "127.0.0.1:0",
    on_open = function(conn)
      assert(conn:subscribe "chat/#")
      members[#members + 1] = conn
    end,
  })
  for i = 1, 3 do
    local conn = assert(engine:connect("ws://" .. listener:address()))
    conn.on_message = function(_, data) heard[#heard + 1] = data .. i end
  end
  until_true(engine, function() return #members == 3 end)
  same(engine:subscribers "chat/deck", 3)
  local reached, skipped = assert(engine:publish("chat/deck", "a", "text", { except = members[1] }))
  assert(reached == 2 and skipped == 0)
  same(engine:send_many(members, "b", "binary", { raw = true }), 3)
  assert(members[1]:unsubscribe())
  same(engine:subscribers "chat/deck", 2)
  until_true(engine, function() return #heard == 5 end)
end)

case("pools", function()
  local engine, answers = assert(hawser.engine()), {}
  local _, listener = pair(engine, { on_message = function(conn, data) conn:send(data) end }, {})
  local pool = assert(engine:pool { max_connections = 1, client = { uri = "ws://" .. listener:address() } })
  for i = 1, 3 do
    assert(pool:acquire(function(conn)
      conn.on_message = function(_, data)
        answers[#answers + 1] = data
        assert(pool:release(conn))
        fails("INVALID_HANDLE", pool:release(conn))
      end
      assert(conn:send(tostring(i)))
    end, "/target"))
  end
  until_true(engine, function() return #answers == 3 end)
  same(table.concat(answers), "123")
  local stats = assert(pool:stats())
  assert(stats.opened == 1 and stats.reused == 2)
  local why
  assert(pool:acquire(function(_, err) why = err end))
  assert(pool:close())
  until_true(engine, function() return why or #answers == 4 end)
end)

case("whose_handler_it_is", function()
  local log = {}
  local function by(name) return function(_, data) log[#log + 1] = name .. data end end
  local engine = assert(hawser.engine {
    publish_events = true, on_message = by "engine ", on_publish = by "published ",
  })
  local peer
  local conn = pair(engine, { on_message = by "listener ", on_open = function(other) peer = other end }, {})
  until_true(engine, function() return peer end)
  assert(conn:send "1")
  until_true(engine, function() return log[1] end)
  peer.on_message = by "connection "
  assert(conn:send "2" and peer:send "3")
  until_true(engine, function() return log[3] end)
  assert(engine:publish("nowhere", "4"))
  until_true(engine, function() return log[4] end)
  table.sort(log)
  same(table.concat(log, ", "), "connection 2, engine 3, listener 1, published 4")
end)

case("presets", function()
  local options = assert(hawser.preset "realtime")
  same(options.timers.ping_interval_ms, 5000)
  same(options.compression.enabled, false)
  same(options.reconnect.backoff_min_ms, 250)
  same(options.limits.message_max, nil)
  fails("INVALID_ARGUMENT", hawser.preset "fast")
  local engine = assert(hawser.engine())
  local listener = assert(engine:listen { bind = "127.0.0.1:0" })
  options.uri = "ws://" .. listener:address()
  assert(assert(engine:connect(options)):wait())
end)

case("it_comes_back", function()
  local engine, log, peer = assert(hawser.engine()), {}, nil
  local conn = pair(engine, { on_open = function(other) peer = other end }, {
    reconnect = { backoff_min_ms = 10 },
    on_reconnecting = function(_, err, event) log[#log + 1] = err.name .. (event.value <= 10 and " soon" or "") end,
    on_open = function(_, _, event) log[#log + 1] = event.reconnected and "again" or "open" end,
  })
  until_true(engine, function() return peer end)
  assert(peer:abort())
  until_true(engine, function() return #log == 3 end)
  assert(log[1] == "open" and log[2]:find " soon$" and log[3] == "again")
  same(conn:stats().reconnects, 1)
  assert(conn:reconnect { code = 1001, reason = "moving" })
  until_true(engine, function() return #log == 5 end)
end)

case("counters_and_the_rest", function()
  local engine = assert(hawser.engine())
  local conn, listener = pair(engine, {}, {})
  assert(conn:send "four")
  assert(engine:update())
  same(conn:stats().bytes_out, 4)
  same(engine:stats().connections, 2)
  assert(conn:pause() and conn:pause(false))
  assert(engine:pollable() >= 0 and engine:next_timeout() >= -1)
  fails("INVALID_ARGUMENT", listener:set_tls { certificate = { cert_pem = "x", key_pem = "y" } })
  assert(hawser.has "client" and not hawser.has "wings")
  assert(listener:close {})
  assert(engine:run())
  same(conn.error.close_rcvd.code, 1001)
  raises("there is no code NOTHING", conn.error.is, conn.error, "NOTHING")
  assert(tostring(engine):find "^hawser engine %x+$")
end)

test.main(arg[1])
