// Player plays the golden scenario, see tests/golden/README.md:
//
//	player ws://HOST:PORT SCENARIO
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"log"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hawser"
)

const patience = 10 * time.Second

var (
	server string
	engine *hawser.Engine
	conn   hawser.Handle
	events []hawser.Event // that were taken and not yet printed
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("player ws://HOST:PORT SCENARIO")
	}
	server = strings.TrimPrefix(os.Args[1], "ws://")
	scenario, err := os.Open(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(scenario)
	for lines.Scan() {
		if line := lines.Text(); line != "" && line[0] != '#' {
			command, rest, _ := strings.Cut(line, " ")
			play(command, rest)
		}
	}
	endCase()
}

func play(command, rest string) {
	switch command {
	case "case":
		endCase()
		fmt.Println("==", rest)
	case "connect":
		connect(strings.Split(rest, " "))
	case "send":
		send(1, rest)
	case "repeat":
		times, rest, _ := strings.Cut(rest, " ")
		send(number(times), rest)
	case "await":
		await(rest)
	case "close":
		code, rest, _ := strings.Cut(rest, " ")
		reason, _ := data(rest)
		called("close", conn.CloseWith(uint32(number(code)), string(reason)))
	case "abort":
		called("abort", conn.Abort())
	case "dropped":
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if stats, err := conn.Stats(); err != nil || stats.RecvDropped >= uint64(number(rest)) {
				return
			}
		}
		fmt.Println("dropped: too few")
	case "settle":
		for end := time.Now().Add(patience); time.Now().Before(end); poll(time.Millisecond) {
			if _, err := conn.State(); err != nil {
				return
			}
		}
	default:
		fmt.Printf("what is %s?\n", command)
	}
}

func endCase() {
	if engine != nil {
		called("free", engine.Close())
	}
	engine, conn, events = nil, hawser.Handle{}, nil
}

// called prints how a call went if it failed.
func called(command string, err error) {
	var e *hawser.Error
	if errors.As(err, &e) {
		fmt.Println(command, "failed")
		printError(1, "error", e)
	}
}

// ---- commands

func connect(words []string) {
	var options struct {
		hawser.ClientOptions
		Engine hawser.EngineOptions
	}
	options.URI = strings.ReplaceAll(words[0], "SERVER", server)
	for _, word := range words[1:] {
		path, value, _ := strings.Cut(word, "=")
		set(reflect.ValueOf(&options).Elem(), strings.Split(path, "."), value)
	}
	var err error
	if engine == nil {
		engine, err = hawser.NewEngine(&options.Engine)
		called("engine", err)
	}
	conn, err = engine.Connect(&options.ClientOptions)
	called("connect", err)
}

// set sets the field that the scenario calls limits.message_max.
func set(option reflect.Value, path []string, value string) {
	if option.Kind() == reflect.Ptr {
		if option.IsNil() {
			option.Set(reflect.New(option.Type().Elem()))
		}
		option = option.Elem()
	}
	if len(path) > 0 {
		if path[0] == "header" {
			path[0] = "headers"
		}
		set(option.FieldByNameFunc(func(name string) bool { return snake(name) == strings.TrimSuffix(path[0], "_ms") }),
			path[1:], value)
		return
	}
	switch field := option.Addr().Interface().(type) {
	case *string:
		*field = value
	case *[]string:
		*field = strings.Split(value, ",")
	case *hawser.Headers:
		name, value, _ := strings.Cut(value, ":")
		*field = append(*field, hawser.Header{Name: name, Value: string(unescape(value))})
	case *time.Duration:
		*field = time.Duration(number(value)) * time.Millisecond
	default:
		option.SetUint(uint64(number(value)))
	}
}

func number(value string) uint32 {
	words := map[string]uint32{"on": uint32(hawser.On), "off": uint32(hawser.Off),
		"drop_oldest": uint32(hawser.OverflowDropOldest), "drop_newest": uint32(hawser.OverflowDropNewest),
		"error": uint32(hawser.OverflowError)}
	if n, ok := words[value]; ok {
		return n
	}
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil {
		log.Fatal(err)
	}
	return uint32(n)
}

// send does TYPE "DATA" [more] [raw] [token=N].
func send(times uint32, rest string) {
	opcodes := map[string]hawser.Opcode{"text": hawser.Text, "binary": hawser.Binary, "cont": hawser.Cont,
		"ping": hawser.Ping, "pong": hawser.Pong, "close": hawser.Close}
	kind, rest, _ := strings.Cut(rest, " ")
	once, rest := data(rest)
	all := bytes.Repeat(once, int(times))
	var options hawser.SendOptions
	for _, option := range strings.Fields(rest) {
		switch option {
		case "more":
			options.Flags |= hawser.SendMore
		case "raw":
			options.Flags |= hawser.SendRaw
		default:
			options.Token = uint64(number(strings.TrimPrefix(option, "token=")))
		}
	}
	if kind == "close" {
		called("close", conn.CloseWith(1000, string(all)))
	} else {
		called("send", conn.Send(opcodes[kind], all, &options))
	}
}

func await(kind string) {
	for {
		if len(events) == 0 {
			poll(patience)
		}
		if len(events) == 0 {
			fmt.Printf("await %s: nothing came\n", kind)
			return
		}
		event := events[0]
		events = events[1:]
		printEvent(&event)
		if event.Kind.String() == kind {
			return
		}
	}
}

func poll(timeout time.Duration) {
	events = make([]hawser.Event, 16)
	n, err := engine.Poll(events, timeout)
	called("poll", err)
	events = events[:n]
}

// data takes the quoted DATA off.
func data(rest string) ([]byte, string) {
	quoted := regexp.MustCompile(`^"((?:\\.|[^"\\])*)"`).FindStringSubmatch(rest)
	return unescape(quoted[1]), rest[len(quoted[0]):]
}

func unescape(text string) []byte {
	return regexp.MustCompile(`\\x..|\\.`).ReplaceAllFunc([]byte(text), func(escape []byte) []byte {
		if escape[1] == 'x' {
			n, _ := strconv.ParseUint(string(escape[2:]), 16, 8)
			return []byte{byte(n)}
		}
		return escape[1:]
	})
}

// ---- the transcript

func printEvent(e *hawser.Event) {
	line := []string{e.Kind.String()}
	add := func(when bool, word string) {
		if when {
			line = append(line, word)
		}
	}
	isMessage := e.Kind == hawser.EventMessage || e.Kind == hawser.EventFragment
	add(isMessage, strings.ToLower(e.Opcode.String()))
	add(e.Flags&hawser.FlagFin != 0, "fin")
	add(e.Flags&hawser.FlagCompressed != 0, "compressed")
	add(e.Flags&hawser.FlagClean != 0, "clean")
	add(e.Flags&hawser.FlagReconnected != 0, "reconnected")
	add(e.Token != 0, fmt.Sprint("token=", e.Token))
	add(e.Kind == hawser.EventQueue || e.Kind == hawser.EventReconnecting, fmt.Sprint("value=", e.Value))
	add(isMessage || e.Kind == hawser.EventPing || e.Kind == hawser.EventPong, hashed(e.Data))
	fmt.Println(strings.Join(line, " "))
	if e.Handshake != nil {
		printHandshake(e.Handshake)
	}
	if e.Err != nil {
		printError(1, "error", e.Err)
	}
}

func printHandshake(h *hawser.Handshake) {
	fmt.Println("  http_status:", h.HTTPStatus)
	printField("  ", "subprotocol", h.Subprotocol)
	printField("  ", "extensions", h.Extensions)
	printField("  ", "uri", h.URI)
	for _, header := range h.Headers {
		if strings.HasPrefix(header.Name, "X-") {
			fmt.Printf("  header: %s %s\n", quoted(header.Name), quoted(header.Value))
		}
	}
}

// printError prints all fields that have a meaning, whatever fields there are.
func printError(depth int, what string, e *hawser.Error) {
	indent := strings.Repeat("  ", depth)
	fmt.Printf("%s%s %s\n", indent, what, e.Status.Name())
	indent += "  "
	line := "is:"
	for status := hawser.ErrError; status > -1000; status-- {
		if status != e.Status && status.Name() != "OK" && errors.Is(e.Status, status) {
			line += " " + status.Name()
		}
	}
	if line != "is:" {
		fmt.Println(indent + line)
	}
	fields := reflect.ValueOf(e).Elem()
	for i := 0; i < fields.NumField(); i++ {
		if name := fields.Type().Field(i).Name; name != "Status" && name != "Time" && name != "Downtime" {
			printField(indent, snake(name), fields.Field(i).Interface())
		}
	}
	if e.Cause != nil {
		printError(depth+1, "cause", e.Cause)
	}
}

func printField(indent, name string, value any) {
	switch value := value.(type) {
	case string:
		if name == "operation" && value != "" {
			fmt.Println(indent+"operation:", value)
		} else if value != "" {
			fmt.Printf("%s%s: %s\n", indent, name, quoted(value))
		}
	case *string:
		if value != nil {
			fmt.Printf("%s%s: %s\n", indent, name, quoted(*value))
		}
	case []byte:
		if len(value) > 0 {
			fmt.Printf("%s%s: %s\n", indent, name, hashed(value))
		}
	case hawser.Headers:
		for _, header := range value {
			if header.Name != "Sec-WebSocket-Accept" {
				fmt.Printf("%sheader: %s %s\n", indent, quoted(header.Name), quoted(header.Value))
			}
		}
	case *hawser.CloseFrame:
		if value != nil {
			fmt.Printf("%s%s: %d %s\n", indent, name, value.Code, quoted(value.Reason))
		}
	case time.Duration:
		if name == "time_limit" {
			name = "timeout"
		}
		if value != 0 && value != hawser.Never {
			fmt.Printf("%s%s_ms: %d\n", indent, name, value.Milliseconds())
		}
	case bool:
		if value {
			fmt.Printf("%s%s: 1\n", indent, name)
		}
	case int64: // sizes and positions
		if value != -1 {
			fmt.Printf("%s%s: %d\n", indent, name, value)
		}
	case *hawser.Error, hawser.Handle:
	default:
		if number := fmt.Sprintf("%d", value); number != "0" && (number != "-1" || name != "rcvd_then_sent") ||
			number == "0" && name == "rcvd_then_sent" {
			fmt.Printf("%s%s: %s\n", indent, name, number)
		}
	}
}

// snake gives the name in C: http_status for HTTPStatus.
func snake(name string) string {
	name = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`).ReplaceAllString(name, "${1}${3}_${2}${4}")
	return strings.ToLower(name)
}

func quoted(text string) string {
	text = strings.ReplaceAll(text, server, "SERVER")
	quoted := `"`
	for _, b := range []byte(text) {
		switch {
		case b == '"' || b == '\\':
			quoted += `\` + string(rune(b))
		case b < 0x20 || b > 0x7e:
			quoted += fmt.Sprintf(`\x%02x`, b)
		default:
			quoted += string(rune(b))
		}
	}
	return quoted + `"`
}

// hashed is data, or its hash if it is long.
func hashed(data []byte) string {
	if len(data) <= 128 {
		return quoted(string(data))
	}
	hash := fnv.New64a()
	hash.Write(data)
	return fmt.Sprintf("%d bytes %016x", len(data), hash.Sum64())
}
