--- Tests by name: `luajit FILE --list` prints the names, `luajit FILE NAME` runs one.

local harness = { cases = {} }

function harness.case(name, run)
  table.insert(harness.cases, { name = name, run = run })
end

function harness.same(found, expected, what)
  if found ~= expected then
    error(("%s: expected %s, got %s"):format(what or "value", tostring(expected), tostring(found)), 2)
  end
end

--- The call failed at run time, with this code or one below it.
function harness.fails(code, result, err)
  if result ~= nil then error("it should fail with " .. code .. ", and gave " .. tostring(result), 2) end
  if not err:is(code) then error("expected " .. code .. ", got " .. tostring(err), 2) end
  return err
end

--- The call raises, and says this and where it was.
function harness.raises(text, fn, ...)
  local arguments, count = { ... }, select("#", ...)
  local fine, problem = pcall(function() local result = fn(unpack(arguments, 1, count)) return result end)
  if fine then error("it should raise '" .. text .. "'", 2) end
  if not tostring(problem):find(text, 1, true) then error("expected '" .. text .. "', got " .. tostring(problem), 2) end
  if type(problem) == "string" and not problem:find "harness.lua:%d+:" then
    error("it does not say where: " .. problem, 2)
  end
end

--- Polls until the condition holds.
function harness.until_true(engine, condition)
  for _ = 1, 1000 do
    if condition() then return end
    assert(engine:update(20))
  end
  error("it did not happen", 2)
end

--- A listener on a free port, with a client that is open: both with handlers, in one engine.
function harness.pair(engine, server, client)
  server.bind = "127.0.0.1:0"
  local listener = assert(engine:listen(server))
  client.uri = "ws://" .. assert(listener:address())
  local conn = assert(engine:connect(client))
  harness.until_true(engine, function() return conn.handshake end)
  return conn, listener
end

function harness.main(name)
  for _, case in ipairs(harness.cases) do
    if name == "--list" then print(case.name) end
    if name == case.name then return case.run() end
  end
  assert(name == "--list", "there is no such test")
end

return harness
