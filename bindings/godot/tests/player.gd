extends SceneTree
## godot --headless --no-header -s player.gd -- URL SCENARIO: plays the golden scenario against the server at URL and prints what
## happens; tests/golden/README.md has the language.

const PATIENCE_MS := 10000
const KINDS := {
	HawserClient.EVENT_OPEN: "OPEN", HawserClient.EVENT_MESSAGE: "MESSAGE", HawserClient.EVENT_FRAGMENT: "FRAGMENT",
	HawserClient.EVENT_PING: "PING", HawserClient.EVENT_PONG: "PONG", HawserClient.EVENT_QUEUE: "QUEUE",
	HawserClient.EVENT_CLOSE: "CLOSE", HawserClient.EVENT_CONNECT_FAILED: "CONNECT_FAILED",
	HawserClient.EVENT_RECONNECTING: "RECONNECTING",
}
const OPCODES := {
	"cont": HawserClient.CONT, "text": HawserClient.TEXT, "binary": HawserClient.BINARY, "ping": HawserClient.PING,
	"pong": HawserClient.PONG,
}
const WORDS := {
	"on": true, "off": false, "drop_oldest": HawserClient.OVERFLOW_DROP_OLDEST,
	"drop_newest": HawserClient.OVERFLOW_DROP_NEWEST, "error": HawserClient.OVERFLOW_ERROR,
}
## Fields that mean nothing when they are -1; the others when they are 0.
const UNKNOWN_IS_MINUS_ONE: PackedStringArray = [
	"timeout_ms", "position", "size", "max_size", "current_size", "rcvd_then_sent",
]
const LEFT_OUT: PackedStringArray = ["status", "name", "is", "operation", "downtime_ms", "time_ms", "cause"]

var client: HawserClient
var events: Array[Dictionary] = []
var server: PackedByteArray


func _initialize() -> void:
	var arguments := OS.get_cmdline_user_args()
	server = arguments[0].trim_prefix("ws://").to_utf8_buffer()
	for line in FileAccess.get_file_as_string(arguments[1]).split("\n", false):
		play(line)
	quit()


func play(line: String) -> void:
	var command := line.get_slice(" ", 0)
	var arguments := line.substr(command.length() + 1)
	var first := arguments.get_slice(" ", 0)
	match command:
		"case":
			events.clear()
			client = HawserClient.new()
			client.event.connect(func(_kind: int, event: Dictionary) -> void: events.append(event))
			print("== ", arguments)
		"connect": command_connect(arguments.split(" "))
		"send": command_send(arguments, 1)
		"repeat": command_send(arguments.substr(arguments.find(" ") + 1), first.to_int())
		"await": command_await(arguments)
		"close": called("close", client.close(first.to_int(), quoted(arguments)[0].get_string_from_utf8()))
		"abort": called("abort", client.abort())
		"dropped":
			while client.get_stats().recv_dropped < first.to_int():
				OS.delay_msec(1)
		"settle":
			while client.get_state() != HawserClient.STATE_CLOSED:
				client.poll(10)


func called(command: String, status: int) -> void:
	if status != OK:
		print(command, " failed")
		put_error(1, "error", HawserClient.get_last_error())


func command_connect(words: PackedStringArray) -> void:
	var options := {"headers": []}
	for option in words.slice(1):
		var name := option.get_slice("=", 0)
		var value: String = option.substr(name.length() + 1)
		if name == "header":
			var header := value.get_slice(":", 0)
			options.headers.append([header, unescape(value.substr(header.length() + 1)).get_string_from_utf8()])
		elif name == "subprotocols":
			options.subprotocols = value.split(",")
		else:
			var into: Dictionary = options
			if "." in name:
				into = options.get_or_add(name.get_slice(".", 0), {})
				name = name.get_slice(".", 1)
			into[name] = WORDS[value] if value in WORDS else value.to_int() if value.is_valid_int() else value
	var uri := words[0].replace("SERVER", server.get_string_from_ascii())
	called("connect", client.connect_to_url(uri, options))


## TYPE "DATA" [more] [raw] [token=N]
func command_send(line: String, times: int) -> void:
	var type := line.get_slice(" ", 0)
	var parts := quoted(line)
	var data := PackedByteArray()
	for i in times:
		data.append_array(parts[0])
	var options := {"flags": 0}
	for word: String in (parts[1] as PackedByteArray).get_string_from_ascii().split(" ", false):
		match word:
			"more": options.flags |= HawserClient.SEND_MORE
			"raw": options.flags |= HawserClient.SEND_RAW
			_: options.token = word.trim_prefix("token=").to_int()
	if type == "close":
		called("close", client.close(1000, data.get_string_from_utf8()))
	else:
		called("send", client.send_bytes(data, OPCODES[type], options))


func command_await(wanted: String) -> void:
	while true:
		if events.is_empty():
			called("poll", client.poll(PATIENCE_MS))
		if events.is_empty():
			print("await ", wanted, ": nothing came")
			return
		var event: Dictionary = events.pop_front()
		put_event(event)
		if KINDS.get(event.kind, "OTHER") == wanted:
			return


## What stands between quotes, without escapes, and what is behind it.
func quoted(line: String) -> Array[PackedByteArray]:
	var from := line.find("\"") + 1
	var end := from
	while line[end] != "\"":
		end += 2 if line[end] == "\\" else 1
	return [unescape(line.substr(from, end - from)), line.substr(end + 1).to_utf8_buffer()]


func unescape(text: String) -> PackedByteArray:
	var bytes := PackedByteArray()
	var at := 0
	while at < text.length():
		if text[at] != "\\":
			bytes.append_array(text[at].to_utf8_buffer())
			at += 1
		elif text[at + 1] == "x":
			bytes.append(text.substr(at + 2, 2).hex_to_int())
			at += 4
		else:
			bytes.append(text.unicode_at(at + 1))
			at += 2
	return bytes


# ---- writing


func put_event(event: Dictionary) -> void:
	var line: String = KINDS.get(event.kind, "OTHER")
	var has_opcode: bool = event.kind in [HawserClient.EVENT_MESSAGE, HawserClient.EVENT_FRAGMENT]
	if has_opcode:
		line += " " + OPCODES.find_key(event.opcode)
	for flag: String in ["FIN", "COMPRESSED", "CLEAN", "RECONNECTED"]:
		if event.flags & ClassDB.class_get_integer_constant("HawserClient", "FLAG_" + flag):
			line += " " + flag.to_lower()
	if event.token != 0:
		line += " token=%d" % event.token
	if event.kind in [HawserClient.EVENT_QUEUE, HawserClient.EVENT_RECONNECTING]:
		line += " value=%d" % event.value
	if has_opcode or event.kind in [HawserClient.EVENT_PING, HawserClient.EVENT_PONG]:
		line += " " + of_data(event.data)
	print(line)
	if event.handshake != null:
		put_number(1, "http_status", event.handshake.http_status)
		for field: String in ["subprotocol", "extensions", "uri"]:
			put_text(1, field, event.handshake[field])
		for header: Array in event.handshake.headers:
			if header[0].begins_with("X-"):
				put_header(1, header)
	if event.error != null:
		put_error(1, "error", event.error)


func put_error(depth: int, label: String, error: Dictionary) -> void:
	print("  ".repeat(depth), label, " ", error.name)
	depth += 1
	print("  ".repeat(depth), " ".join(PackedStringArray(["is:"] + error.is)))
	if error.operation != "":
		print("  ".repeat(depth), "operation: ", error.operation)
	for field: String in error:
		var value: Variant = error[field]
		if field in LEFT_OUT or value == null:
			continue
		match typeof(value):
			TYPE_INT: put_number(depth, field, value)
			TYPE_STRING:
				if field == "header_value" and value == "":
					print("  ".repeat(depth), "header_value: \"\"")
				put_text(depth, field, value)
			TYPE_PACKED_BYTE_ARRAY:
				if not value.is_empty():
					print("  ".repeat(depth), field, ": ", of_data(value))
			TYPE_DICTIONARY:
				print("  ".repeat(depth), field, ": %d " % value.code, of_bytes(value.reason.to_utf8_buffer()))
			TYPE_ARRAY:
				for header: Array in value:
					if header[0] != "Sec-WebSocket-Accept":
						put_header(depth, header)
	if error.cause != null:
		put_error(depth, "cause", error.cause)


func put_number(depth: int, field: String, value: int) -> void:
	if value != (-1 if field in UNKNOWN_IS_MINUS_ONE else 0):
		print("  ".repeat(depth), field, ": %d" % value)


func put_text(depth: int, field: String, value: String) -> void:
	if value != "":
		print("  ".repeat(depth), field, ": ", of_bytes(value.to_utf8_buffer()))


func put_header(depth: int, header: Array) -> void:
	print("  ".repeat(depth), "header: ", of_bytes(header[0].to_utf8_buffer()), " ", of_bytes(header[1].to_utf8_buffer()))


func of_data(bytes: PackedByteArray) -> String:
	if bytes.size() <= 128:
		return of_bytes(bytes)
	var hash := -0x340d631b7bdddcdb # FNV-1a: 0xcbf29ce484222325 as the integers of Godot, which wrap around
	for byte in bytes:
		hash = (hash ^ byte) * 0x100000001b3
	return "%d bytes %s%s" % [bytes.size(), "%08x" % ((hash >> 32) & 0xffffffff), "%08x" % (hash & 0xffffffff)]


func of_bytes(bytes: PackedByteArray) -> String:
	var text := "\""
	var at := 0
	while at < bytes.size():
		if bytes.slice(at, at + server.size()) == server:
			text += "SERVER"
			at += server.size()
			continue
		var byte := bytes[at]
		if byte == 0x22 or byte == 0x5c:
			text += "\\" + char(byte)
		else:
			text += char(byte) if byte >= 0x20 and byte <= 0x7e else "\\x%02x" % byte
		at += 1
	return text + "\""
