function love.conf(t)
  t.window.title = "hawser"
  t.window.width, t.window.height = 320, 240
  t.modules.audio, t.modules.physics, t.modules.joystick = false, false, false
end
