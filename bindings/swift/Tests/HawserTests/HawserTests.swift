import CHawser
import Foundation
import Hawser
import XCTest

final class HawserTests: XCTestCase {
    func testTheTableIsTheLibrarys() {
        var codes: [Int32] = []
        while case let status = hws_status_at(UInt32(codes.count)), status != 0 { codes.append(status) }
        XCTAssertEqual(ErrorCode.allCases.map(\.rawValue), codes)
        for code in ErrorCode.allCases {
            for other in ErrorCode.allCases {
                XCTAssertEqual(code.isA(other), hws_status_is_a(code.rawValue, other.rawValue) == 1, "\(code) \(other)")
            }
        }
    }

    func testCatchingByKind() {
        let error = HawserError(Raise(status: .invalidMessageData, detail: "no JSON", opcode: .text, hasPosition: true, position: 7))
        XCTAssertEqual(error.position, 7)
        XCTAssertEqual(error.localizedDescription, error.message)
        XCTAssertTrue("\(error)".hasPrefix("INVALID_MESSAGE_DATA: "))
        do { throw error } catch HawserError.timeout { XCTFail("no timeout") } catch HawserError.protocol {} catch { XCTFail("what else") }
        do { throw CancellationError() } catch HawserError.error { XCTFail("not ours") } catch {}
    }

    func testEcho() async throws {
        let server = try echo()
        let socket = try await WebSocket.connect(server.uri, ClientOptions(subprotocols: ["chat"], headers: [Header("X-A", "b")]))
        XCTAssertEqual(socket.handshake?.httpStatus, 101)
        XCTAssertEqual(socket.handshake?.headers["upgrade"], "websocket")
        let messages: [Message] = [.text("Grüße"), .text(""), .binary([0, 1, 255]), .binary([])]
        for message in messages { try await socket.send(message) }
        for message in messages {
            let answer = try await socket.next()
            XCTAssertEqual(answer, message)
        }
        let roundTrip = try await socket.ping()
        XCTAssertGreaterThan(roundTrip, .zero)
        let end = try await socket.close()
        XCTAssertEqual(end?.code, .closedOk)
        let nothing = try await socket.next()
        XCTAssertNil(nothing)
    }

    func testTheSequenceEndsWithTheConnection() async throws {
        let runtime = try Runtime()
        let server = try Server(ServerOptions(bind: "127.0.0.1:0"), on: runtime)
        let serving = Task {
            for try await client in server {
                for text in ["one", "two"] { try await client.send(text) }
                if try await client.next() == .text("abort") { try client.connection.abort() } else { try await client.close() }
            }
        }
        let socket = try await WebSocket.connect(server.uri)
        try await socket.send("close")
        var messages: [Message] = []
        for try await message in socket { messages.append(message) }
        XCTAssertEqual(messages, [.text("one"), .text("two")])

        let lost = try await WebSocket.connect(server.uri)
        try await lost.send("abort")
        await assertThrows(.closedError) { for try await _ in lost {} }
        try await server.close()
        try await serving.value
    }

    func testWhoIsSlowIsSlowedDown() async throws {
        let runtime = try Runtime()
        let server = try Server(ServerOptions(bind: "127.0.0.1:0", limits: Limits(sendQueueMax: 100_000)), on: runtime)
        let sending = Task {
            let client = try await server.next()!
            for number in 0..<2000 { try await client.send(.binary(Array(repeating: UInt8(number % 251), count: 10_000))) }
            await assertThrows(.sendQueueFull) { try await client.send([UInt8](repeating: 0, count: 200_000)) }
            try await client.close()
        }
        let socket = try await WebSocket.connect(server.uri, ClientOptions(limits: Limits(messageMax: 1 << 20)))
        try await Task.sleep(for: .milliseconds(100))
        let before = try socket.connection.stats().messagesIn
        XCTAssertLessThan(before, 2000)
        var count = 0
        for try await message in socket {
            XCTAssertEqual(message, .binary(Array(repeating: UInt8(count % 251), count: 10_000)))
            count += 1
        }
        XCTAssertEqual(count, 2000)
        try await sending.value
    }

    func testTopics() async throws {
        let runtime = try Runtime()
        let server = try Server(ServerOptions(bind: "127.0.0.1:0"), on: runtime)
        let one = try await WebSocket.connect(server.uri, on: runtime)
        let two = try await WebSocket.connect(server.uri, on: runtime)
        let first = try await server.next()!, second = try await server.next()!
        try first.connection.subscribe(to: "chat/#")
        try second.connection.subscribe(to: "chat/deck")
        XCTAssertEqual(try runtime.engine.subscribers(of: "chat/deck"), 2)
        let outcome = try runtime.engine.publish("chat/deck", .text("all"))
        XCTAssertEqual(outcome.reached, 2)
        try runtime.engine.publish("chat/deck", .text("others"), PublishOptions(except: first.connection))
        try second.connection.unsubscribe()
        XCTAssertEqual(try [first.connection, second.connection].send(.binary([1])).reached, 2)
        var heard: [[Message?]] = [[], []]
        for (index, socket) in [one, two].enumerated() {
            for _ in 0..<(index == 0 ? 2 : 3) { heard[index].append(try await socket.next()) }
        }
        XCTAssertEqual(Set(heard.map { $0.compactMap { $0 } }), [[.text("all"), .binary([1])], [.text("all"), .text("others"), .binary([1])]])
    }

    func testRequestsAndRoutes() async throws {
        let runtime = try Runtime { event in
            guard event.kind == .request else { return }
            if event.handshake?.params["who"] == "friend" {
                _ = try? event.request.accept(AcceptOptions(headers: [Header("X-Welcome", "friend")]))
            } else {
                try? event.request.respond(Response(status: 403, headers: [Header("X-Why", "foe")], body: Array("go away".utf8)))
            }
        }
        let server = try Server(ServerOptions(bind: "127.0.0.1:0", routes: [Route(decide: true, pattern: "/:who")]), on: runtime)
        let socket = try await WebSocket.connect(server.uri + "/friend")
        XCTAssertEqual(socket.handshake?.headers["x-welcome"], "friend")
        do {
            _ = try await WebSocket.connect(server.uri + "/foe")
            XCTFail("it opened")
        } catch let error as HawserError where error.isA(.handshake) {
            XCTAssertEqual(error.code, .invalidStatus)
            XCTAssertEqual(error.httpStatus, 403)
            XCTAssertEqual(error.headers["x-why"], "foe")
            XCTAssertEqual(error.body, Array("go away".utf8))
        }
        await assertThrows(.invalidStatus) { _ = try await WebSocket.connect(server.uri + "/no/route") }
    }

    func testAPool() throws {
        let engine = try Engine()
        let listener = try engine.listen(ServerOptions(bind: "127.0.0.1:0"))
        let pool = try engine.pool(PoolOptions(maxConnections: 1, client: ClientOptions(uri: "ws://" + listener.address())))
        try pool.acquire("/a", token: 1)
        try pool.acquire("/a", timeout: .milliseconds(50), token: 2)
        var leased: Connection?, refused: HawserError?
        while leased == nil || refused == nil {
            for event in try engine.poll(timeout: .seconds(10)) {
                if event.kind == .poolReady && event.token == 1 { leased = event.connection }
                if event.kind == .poolFailed && event.token == 2 { refused = event.error }
            }
        }
        XCTAssertEqual(refused?.code, .poolExhausted)
        XCTAssertTrue(refused!.isA(.timeout) && refused!.isA(.pool))
        XCTAssertEqual(try pool.stats().leased, 1)
        try pool.release(leased!)
        XCTAssertEqual(try pool.stats().idle, 1)
        try pool.close()
    }

    func testReconnecting() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let runtime = try Runtime { if $0.flags.contains(.reconnected) { continuation.yield($0) } }
        let server = try echo(on: runtime)
        let options = ClientOptions(reconnect: Reconnect(backoffMin: .milliseconds(1)))
        let socket = try await WebSocket.connect(server.uri, options, on: runtime)
        try socket.connection.reconnect()
        for await _ in events { break }
        try await socket.send("still here")
        let answer = try await socket.next()
        XCTAssertEqual(answer, .text("still here"))
    }

    func testAUnixSocketWithAnUmlaut() async throws {
        let path = "unix:\(FileManager.default.temporaryDirectory.path)/grüße-\(getpid())"
        let server = try Server(ServerOptions(bind: path))
        XCTAssertEqual(try server.listener.address(), path)
        let socket = try await WebSocket.connect("ws://localhost/", ClientOptions(connectTo: path))
        try await socket.close()
        try await server.close()
        await assertThrows(.usage) { try await server.close() }
    }

    func testPresets() throws {
        let options = try ClientOptions(uri: "ws://a/", preset: "realtime")
        XCTAssertNotNil(options.timers.pingInterval)
        XCTAssertNotNil(options.reconnect)
    }

    func testALoopOfOnesOwn() throws {
        let engine = try Engine()
        XCTAssertGreaterThan(try engine.pollable(), 2)
        XCTAssertEqual(try engine.nextTimeout(), .forever)
        try engine.wake()
        XCTAssertEqual(try engine.poll(timeout: .forever).count, 0)
    }

    func testTheLibrary() {
        XCTAssertTrue(Library.has("client") && !Library.has("teleport"))
        XCTAssertEqual(Library.version.split(separator: ".").count, 3)
    }
}

// MARK: helpers

struct Echo {
    let server: Server
    var uri: String { server.uri }
}

extension Server {
    var uri: String { "ws://" + ((try? listener.address()) ?? "nowhere") }
}

/// A server that sends every message back.
func echo(on runtime: Runtime? = nil) throws -> Echo {
    let server = try Server(ServerOptions(bind: "127.0.0.1:0"), on: runtime)
    Task {
        for try await client in server {
            Task { for try await message in client { try await client.send(message) } }
        }
    }
    return Echo(server: server)
}

func assertThrows(
    _ code: ErrorCode, file: StaticString = #filePath, line: UInt = #line, _ body: () throws -> Void
) {
    XCTAssertThrowsError(try body(), file: file, line: line) {
        XCTAssertTrue(code ~= $0, "\($0) is no \(code)", file: file, line: line)
    }
}

func assertThrows(
    _ code: ErrorCode, file: StaticString = #filePath, line: UInt = #line, _ body: () async throws -> Void
) async {
    do {
        try await body()
        XCTFail("nothing was thrown", file: file, line: line)
    } catch {
        XCTAssertTrue(code ~= error, "\(error) is no \(code)", file: file, line: line)
    }
}
