extends Label
## Hails a server that echoes, shows what it says, and parts as friends:  godot --headless -- ws://127.0.0.1:9001/

var client := HawserClient.new()


func _ready() -> void:
	var url: String = OS.get_cmdline_user_args()[0] if OS.get_cmdline_user_args() else "ws://127.0.0.1:9001/"
	client.opened.connect(func(_handshake: Dictionary) -> void: client.send_text("Ahoy!"))
	client.message.connect(_on_message)
	client.closed.connect(_on_end)
	client.failed.connect(_on_end)
	if client.connect_to_url(url, {"preset": "realtime", "reconnect": false}) != OK:
		_on_end(HawserClient.get_last_error())


func _process(_delta: float) -> void:
	client.poll()


func _on_message(data: Variant) -> void:
	text = data
	print(text)
	client.close(1000, "fair winds")


func _on_end(error: Dictionary) -> void:
	print(error.name, ": ", error.message)
	get_tree().quit(0 if error.status == HawserClient.ERR_CLOSED_OK else 1)
