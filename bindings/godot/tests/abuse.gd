extends SceneTree
## godot --headless --no-header -s abuse.gd -- URL: uses a client well and badly, against a server that echoes. A line for each
## test, `ok NAME` or `FAILED NAME: ...`; what is wrong must lead to error codes, never to a crash.

var url: String
var failures: PackedStringArray = []


func _initialize() -> void:
	url = OS.get_cmdline_user_args()[0]
	for method in get_method_list():
		if method.name.begins_with("test_"):
			failures.clear()
			call(method.name)
			var name: String = method.name.trim_prefix("test_")
			print("ok " + name if failures.is_empty() else "FAILED %s: %s" % [name, "; ".join(failures)])
	print("done")
	quit()


func expect(found: Variant, wanted: Variant) -> void:
	if found != wanted:
		failures.append("%s instead of %s (line %d)" % [found, wanted, get_stack()[1].line if get_stack() else 0])


## Polls until a signal has been raised; its arguments.
func wait_for(client: HawserClient, signal_name: String) -> Array:
	var seen: Array = []
	var listener := func(a: Variant = null, b: Variant = null) -> void: seen.append([a, b])
	client.connect(signal_name, listener)
	var deadline := Time.get_ticks_msec() + 20000
	while seen.is_empty() and Time.get_ticks_msec() < deadline:
		client.poll(50)
	client.disconnect(signal_name, listener)
	if seen.is_empty():
		failures.append("no " + signal_name)
		return [{}, {}]
	return seen[0]


func opened(options: Dictionary = {}) -> HawserClient:
	var client := HawserClient.new()
	expect(client.connect_to_url(url, options), OK)
	wait_for(client, "opened")
	return client


func test_echo() -> void:
	var client := HawserClient.new()
	expect(client.get_state(), HawserClient.STATE_CLOSED)
	client.connect_to_url(url, {"headers": {"X-One": "1"}, "subprotocols": ["chat"], "timers": {"open_ms": 5000.0}})
	expect(client.get_state(), HawserClient.STATE_CONNECTING)
	expect(wait_for(client, "opened")[0].http_status, 101)
	expect(client.send_text("Grüße"), OK)
	expect(wait_for(client, "message")[0], "Grüße")
	expect(client.send_bytes(PackedByteArray([0, 1, 255])), OK)
	expect(wait_for(client, "message")[0], PackedByteArray([0, 1, 255]))
	expect(client.send_bytes(PackedByteArray()), OK)
	expect(wait_for(client, "message")[0], PackedByteArray())
	expect(client.get_stats().messages_out, 3)
	expect(client.close(4000, "mine"), OK)
	var error: Dictionary = wait_for(client, "closed")[0]
	expect(error.close_sent, {"code": 4000, "reason": "mine"})
	expect(HawserClient.is_a(error.status, HawserClient.ERR_CONNECTION_CLOSED), true)
	expect("CONNECTION_CLOSED" in error.is, true)
	expect(client.get_state(), HawserClient.STATE_CLOSED)


func test_ping_and_fragments() -> void:
	var client := opened()
	client.send_bytes("hi".to_utf8_buffer(), HawserClient.PING, {"token": 7})
	var pong: Dictionary
	while pong.get("kind") != HawserClient.EVENT_PONG:
		pong = wait_for(client, "event")[1]
	expect(pong.token, 7)
	client.send_bytes("one ".to_utf8_buffer(), HawserClient.TEXT, {"flags": HawserClient.SEND_MORE})
	client.send_bytes("two".to_utf8_buffer(), HawserClient.CONT)
	expect(wait_for(client, "message")[0], "one two")


func test_use_before_connect() -> void:
	var client := HawserClient.new()
	expect(client.poll(), OK)
	expect(client.send_text("early"), HawserClient.ERR_INVALID_HANDLE)
	expect(HawserClient.get_last_error().name, "INVALID_HANDLE")
	expect(client.close(), HawserClient.ERR_INVALID_HANDLE)
	expect(client.abort(), HawserClient.ERR_INVALID_HANDLE)
	expect(client.pause(true), HawserClient.ERR_INVALID_HANDLE)
	expect(client.reconnect(), HawserClient.ERR_INVALID_HANDLE)
	expect(client.get_stats(), {})


func test_close_twice_and_use_after_close() -> void:
	var client := opened()
	expect(client.close(), OK)
	expect(client.close(), OK)
	expect(client.send_text("late"), HawserClient.ERR_CONNECTION_CLOSED)
	wait_for(client, "closed")
	expect(client.close(), HawserClient.ERR_INVALID_HANDLE)
	expect(client.send_text("later"), HawserClient.ERR_INVALID_HANDLE)
	expect(client.poll(), OK)


func test_connect_twice() -> void:
	var client := opened()
	expect(client.connect_to_url(url), HawserClient.ERR_INVALID_STATE)
	expect(HawserClient.get_last_error().detail, "this client has a connection already")
	client.abort()
	wait_for(client, "closed")
	expect(client.connect_to_url(url), OK)
	wait_for(client, "opened")


func test_connect_again_when_told() -> void:
	var client := opened()
	client.closed.connect(func(_error: Dictionary) -> void: expect(client.connect_to_url(url), OK), CONNECT_ONE_SHOT)
	client.close()
	wait_for(client, "opened")
	expect(client.send_text("again"), OK)
	expect(wait_for(client, "message")[0], "again")


func test_poll_inside_a_signal() -> void:
	var client := opened()
	var codes: Array[int] = []
	client.message.connect(func(_data: Variant) -> void: codes.append(client.poll()), CONNECT_ONE_SHOT)
	client.send_text("hello")
	wait_for(client, "message")
	expect(codes, [HawserClient.ERR_CONCURRENCY])


func test_let_go_inside_a_signal() -> void:
	var holder := [opened()]
	var told := []
	holder[0].message.connect(func(data: Variant) -> void:
		holder.clear()
		told.append(data))
	holder[0].send_text("hello")
	while not holder.is_empty():
		holder[0].poll(50)
	expect(told, ["hello"])


func test_dropped_without_close() -> void:
	for i in 100:
		var client := HawserClient.new()
		client.connect_to_url(url)
		client.poll()


func test_a_hundred_clients() -> void:
	var clients: Array[HawserClient] = []
	for i in 100:
		clients.append(opened())
	for client in clients:
		client.send_text("all")
	for client in clients:
		expect(wait_for(client, "message")[0], "all")


func test_threads() -> void:
	var client := opened()
	var threads: Array[Thread] = []
	for i in 8:
		threads.append(Thread.new())
		threads[i].start(func() -> void:
			for j in 300:
				client.send_text("from a thread")
				client.poll()
				client.get_state()
				HawserClient.get_last_error()
				if i == 3 and j == 200:
					client.close()
				if j % 50 == 0:
					client.connect_to_url(url))
	for thread in threads:
		thread.wait_to_finish()


func poll_often(client: HawserClient) -> void:
	for i in 100:
		client.poll(1)


func test_let_go_while_threads_poll() -> void:
	var deadline := Time.get_ticks_msec() + 1000
	while Time.get_ticks_msec() < deadline:
		var client := opened()
		var heard: Array[String] = []
		client.message.connect(func(text: String) -> void: heard.append(text))
		for i in 20:
			client.send_text("chatter")
		var threads: Array[Thread] = []
		for i in 3:
			threads.append(Thread.new())
			threads[i].start(poll_often.bind(client))
		client = null # the end of it comes with the last thread
		for thread in threads:
			thread.wait_to_finish()
		expect(heard.count("chatter"), heard.size())


func test_wrong_options() -> void:
	var client := HawserClient.new()
	expect(client.connect_to_url(url, {"speed": 11}), HawserClient.ERR_INVALID_ARGUMENT)
	expect(HawserClient.get_last_error().detail, "client_options.speed: there is no such option")
	expect(client.connect_to_url(url, {"limits": {"message_max": "big"}}), HawserClient.ERR_INVALID_ARGUMENT)
	expect("limits.message_max" in HawserClient.get_last_error().message, true)
	for options: Dictionary in [
		{"limits": 7}, {"timers": {"open_ms": 1 << 40}}, {"limits": {"message_max": -2}}, {"headers": [["alone"]]},
		{"headers": "X: y"}, {"subprotocols": "chat"}, {"tls": {"certificate": []}}, {1: 2}, {"preset": "turbo"},
		{"engine": {"io_thread": "yes"}}, {"origin": null},
	]:
		expect(client.connect_to_url(url, options), HawserClient.ERR_INVALID_ARGUMENT)
	expect(client.connect_to_url(url, {"headers": {"X-Bad": "a\r\nb"}}), HawserClient.ERR_INVALID_HEADER_VALUE)
	expect(client.connect_to_url("http://example.com/"), HawserClient.ERR_INVALID_URI)
	expect(client.connect_to_url(""), HawserClient.ERR_INVALID_ARGUMENT)
	expect(client.connect_to_url(url, {"tls": {"ca_file": "/nowhere"}}), HawserClient.ERR_IO)


func test_wrong_arguments() -> void:
	var client := opened()
	expect(client.close(1005), HawserClient.ERR_INVALID_SEND)
	expect(client.close(-1), HawserClient.ERR_INVALID_SEND)
	expect(client.close(1000, "x".repeat(124)), HawserClient.ERR_INVALID_SEND)
	expect(client.send_bytes(PackedByteArray([255]), HawserClient.TEXT), HawserClient.ERR_INVALID_SEND)
	expect(client.send_bytes(PackedByteArray(), 99), HawserClient.ERR_INVALID_ARGUMENT)
	expect(client.send_bytes(PackedByteArray(), HawserClient.BINARY, {"flags": "many"}), HawserClient.ERR_INVALID_ARGUMENT)
	expect(client.reconnect(), HawserClient.ERR_RECONNECT_DISABLED)
	expect(client.poll(-77), HawserClient.ERR_INVALID_ARGUMENT)
	client.send_text("still here")
	expect(wait_for(client, "message")[0], "still here")


func test_untyped_calls() -> void:
	var client: Variant = HawserClient.new()
	expect(client.connect_to_url(StringName(url)), OK)
	expect(client.callv("send_text", ["early"]), HawserClient.ERR_INVALID_STATE)
	expect(client.call("close"), OK)
	expect(client.call("get_version").split(".").size(), 3)


func test_presets_and_reconnecting() -> void:
	var client := opened({"preset": "realtime", "reconnect": {"backoff_min_ms": 1}, "engine": {"io_thread": true}})
	var told: Array[int] = []
	client.reconnecting.connect(func(delay_ms: int, _error: Dictionary) -> void: told.append(delay_ms))
	expect(client.reconnect({"reason": "fresh", "headers": {"X-Token": "2"}}), OK)
	wait_for(client, "opened")
	expect(told, [0])
	expect(client.send_text("back"), OK)
	expect(wait_for(client, "message")[0], "back")


func test_a_failure() -> void:
	var client := HawserClient.new()
	client.connect_to_url("ws://127.0.0.1:1/")
	var error: Dictionary = wait_for(client, "failed")[0]
	expect(error.status, HawserClient.ERR_CONNECTION_REFUSED)
	expect(error.is, ["ERROR", "NETWORK"])
	expect(error.http_status, 0)
	expect(error.headers, [])


func test_nothing_leaks() -> void:
	var round_trip := func() -> void:
		var client := HawserClient.new()
		client.connect_to_url(url, {"headers": {"X-A": 1, "X-B": "b"}, "subprotocols": PackedStringArray(["a", "b"]), "nonsense": []})
		HawserClient.get_last_error()
		client.connect_to_url(url, {"headers": [["X-A", "a"]], "tls": {"min_version": 772}, "preset": "mobile", "reconnect": false})
		wait_for(client, "opened")
		client.send_text("x".repeat(1000))
		wait_for(client, "event")
		client.send_bytes(PackedByteArray([1, 2, 3]))
		wait_for(client, "event")
		client.close()
		wait_for(client, "closed")
	for i in 20:
		round_trip.call()
	var before := OS.get_static_memory_usage()
	for i in 200:
		round_trip.call()
	var grown := OS.get_static_memory_usage() - before
	if grown > 20000: # 100 bytes a round: less than any dictionary
		failures.append("%d bytes more" % grown)


func test_objects_that_say_no_more() -> void:
	var client := opened()
	var receiver := Node.new()
	receiver.set_meta("seen", 0)
	client.message.connect(receiver.set_name.bind())
	receiver.free()
	client.send_text("to nobody")
	expect(wait_for(client, "message")[0], "to nobody")
