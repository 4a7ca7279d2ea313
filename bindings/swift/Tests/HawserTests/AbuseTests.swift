import CHawser
import Foundation
import Hawser
import XCTest

/// What nobody should do with the binding: it leads to errors, never to a crash.
final class AbuseTests: XCTestCase {
    func testAnEngineIsClosedTwice() throws {
        let engine = try Engine()
        try engine.close()
        assertThrows(.invalidHandle) { try engine.close() }
        assertThrows(.usage) { try engine.wake() }
        assertThrows(.invalidHandle) { _ = try engine.poll() }
        assertThrows(.invalidHandle) { _ = try engine.connect(ClientOptions(uri: "ws://127.0.0.1:1/")) }
    }

    func testHandlesOutliveTheirEngine() throws {
        let (listener, connection) = try {
            let engine = try Engine()
            let listener = try engine.listen(ServerOptions(bind: "127.0.0.1:0"))
            return (listener, try engine.connect(ClientOptions(uri: "ws://" + listener.address())))
        }()
        assertThrows(.invalidHandle) { try connection.send("hello") }
        assertThrows(.invalidHandle) { try connection.close() }
        assertThrows(.invalidHandle) { try connection.close() }
        assertThrows(.invalidHandle) { _ = try listener.address() }
        assertThrows(.invalidHandle) { try listener.close() }
    }

    func testHandlesOfAnotherEngineAndNone() throws {
        let engine = try Engine()
        let pool = try engine.pool(PoolOptions(client: ClientOptions(uri: "ws://127.0.0.1:1/")))
        let stranger = try Engine().connect(ClientOptions(uri: "ws://127.0.0.1:1/"))
        assertThrows(.invalidHandle) { try pool.release(stranger) }
        try pool.close()
        assertThrows(.poolClosed) { try pool.close() }
        assertThrows(.poolClosed) { try pool.acquire(token: 1) }
    }

    func testTwoThreadsPoll() throws {
        let engine = try Engine()
        let ended = expectation(description: "the poll that waits ends")
        let thread = Thread {
            while true {
                do { _ = try engine.poll(timeout: .forever) } catch HawserError.concurrency {} catch { break }
            }
            ended.fulfill()
        }
        thread.start()
        assertThrows(.concurrency) { while true { _ = try engine.poll(timeout: .milliseconds(1)) } }
        try engine.close()
        wait(for: [ended], timeout: 20)
    }

    func testAnEngineEndsWhileItsEventsAreRead() throws {
        for _ in 0..<100 {
            let engine = try Engine()
            let listener = try engine.listen(ServerOptions(bind: "127.0.0.1:0"))
            let uri = try "ws://" + listener.address()
            for number in 0..<4 { _ = try engine.connect(ClientOptions(uri: uri, user: UInt64(number) + 1)) }
            let (talking, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            Thread.detachNewThread {
                while let events = try? engine.poll(timeout: .forever) {
                    for event in events where event.kind == .open || event.kind == .message {
                        try? event.connection.send(String(repeating: "x", count: 1000))
                        talking.signal()
                    }
                }
                ended.signal()
            }
            for _ in 0..<20 { talking.wait() }
            try engine.close()
            ended.wait()
        }
    }

    func testAHundredEngines() throws {
        let engines = try (0..<100).map { _ in try Engine() }
        for engine in engines {
            let listener = try engine.listen(ServerOptions(bind: "127.0.0.1:0"))
            _ = try engine.connect(ClientOptions(uri: "ws://" + listener.address()))
            _ = try engine.poll(timeout: .milliseconds(1))
        }
        DispatchQueue.concurrentPerform(iterations: engines.count) { try? engines[$0].close() }
        XCTAssertTrue(engines.allSatisfy { (try? $0.wake()) == nil })
    }

    func testAHundredRuntimesThatNobodyHolds() async throws {
        weak var engine: Engine?
        for _ in 0..<100 { engine = try Runtime().engine }
        while engine != nil { try await Task.sleep(for: .milliseconds(1)) }  // the thread that polls it lets it go

        let runtime = try Runtime()
        try runtime.engine.close()
        await assertThrows(.invalidHandle) { _ = try await WebSocket.connect("ws://127.0.0.1:1/", on: runtime) }
    }

    func testManyThreadsUseAConnectionThatEnds() async throws {
        let server = try echo()
        let socket = try await WebSocket.connect(server.uri)
        let connection = socket.connection
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    for _ in 0..<100 {
                        try? connection.send("hello")
                        _ = try? connection.stats()
                        if number == 7 { try? connection.close() }
                    }
                }
            }
        }
        _ = try await socket.close()
        assertThrows(.error) { try connection.send("too late") }
    }

    func testADroppedSocketSaysGoodbye() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let runtime = try Runtime { if $0.kind == .close { continuation.yield($0) } }
        let server = try echo(on: runtime)
        do { _ = try await WebSocket.connect(server.uri) }
        for await event in events {
            XCTAssertEqual(event.error?.closeRcvd?.code, 1001)
            break
        }
    }

    func testSocketsAreDroppedInTheMiddleOfEverything() async throws {
        let server = try echo()
        for _ in 0..<50 {
            let socket = try await WebSocket.connect(server.uri)
            try await socket.send("hello")
            let reader = Task { try await socket.next() }
            reader.cancel()
            _ = try? await reader.value
        }
    }

    func testReadersAreCancelledWhileMessagesCome() async throws {
        let server = try echo()
        let socket = try await WebSocket.connect(server.uri)
        for round in 0..<5000 {
            let reader = Task { try await socket.next() }
            try await socket.send("hello")
            usleep(UInt32(round % 100))  // its echo may come before, meanwhile or afterwards
            reader.cancel()
            do { _ = try await reader.value } catch is CancellationError { _ = try await socket.next() }
        }
        _ = try await socket.close()
    }

    func testCloseTwiceAndUseAfterClose() async throws {
        let server = try echo()
        let socket = try await WebSocket.connect(server.uri)
        let end = try await socket.close(code: 4001, reason: "mine")
        XCTAssertEqual(end?.closeSent?.reason, "mine")
        let again = try await socket.close()
        XCTAssertEqual(again?.closeSent?.code, 4001)
        await assertThrows(.error) { try await socket.send("hello") }
        await assertThrows(.error) { try await socket.ping() }
        await assertThrows(.closedError) { _ = try await socket.next() }
    }

    func testCancellingGivesUp() async throws {
        let runtime = try Runtime()
        let mute = try runtime.engine.listen(ServerOptions(bind: "127.0.0.1:0", routes: [Route(decide: true, pattern: "*")]))
        let uri = try "ws://" + mute.address()
        let task = Task { try await WebSocket.connect(uri, on: runtime) }
        while try runtime.engine.stats().wireIn == 0 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        do {
            _ = try await task.value
            XCTFail("it opened")
        } catch is CancellationError {}
    }

    func testTheLogCallsTheLibrary() throws {
        final class Seen: @unchecked Sendable {
            let lock = NSLock()
            var codes: Set<ErrorCode> = []
        }
        let (seen, other) = (Seen(), try Engine())
        Library.log(.trace) { _, _ in
            do {
                try other.wake()
            } catch {
                seen.lock.withLock { _ = seen.codes.insert((error as! HawserError).code) }
            }
        }
        defer { Library.log(to: nil) }
        let engine = try Engine()
        _ = try engine.connect(ClientOptions(uri: "ws://127.0.0.1:1/"))
        while try engine.poll(timeout: .seconds(10)).first?.kind != .connectFailed {}
        XCTAssertEqual(seen.lock.withLock { seen.codes }, [.callback])
    }

    /// While an engine ends it waits for its own thread, which is here in a logger that asks things of the engine.
    func testTheLogCallsAnEngineThatEnds() throws {
        final class Seen: @unchecked Sendable {
            let lock = NSLock()
            var codes: [ErrorCode] = []
        }
        let engine = try Engine(EngineOptions(ioThread: true))
        let (seen, logging, ending) = (Seen(), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let (logged, closed) = (expectation(description: "the logger returns"), expectation(description: "the engine ends"))
        Library.log { _, line in
            guard line.hasPrefix("open: /here "), seen.lock.withLock({ seen.codes.isEmpty }) else { return }
            logging.signal()
            ending.wait()
            for call in [{ _ = try engine.poll() }, { try engine.close() }, { try engine.wake() }] {
                do { try call() } catch { seen.lock.withLock { seen.codes.append((error as! HawserError).code) } }
            }
            logged.fulfill()
        }
        defer { Library.log(to: nil) }
        let listener = try engine.listen(ServerOptions(bind: "127.0.0.1:0"))
        _ = try engine.connect(ClientOptions(uri: "ws://" + listener.address() + "/here"))
        logging.wait()
        Thread.detachNewThread {
            try? engine.close()
            closed.fulfill()
        }
        while (try? engine.wake()) != nil {}  // to the point where it is gone but for its thread
        assertThrows(.invalidHandle) { _ = try engine.poll() }
        ending.signal()
        wait(for: [logged, closed], timeout: 20)
        XCTAssertEqual(seen.lock.withLock { seen.codes }, [.callback, .callback, .callback])
    }

    /// The library refuses a logger everything, and what it drops must end all the same.
    func testTheLogDropsTheLastOfEverything() async throws {
        final class Held: @unchecked Sendable {
            let lock = NSLock()
            var all: [AnyObject] = []

            func drop() {
                // outside of the lock: what ends may log
                _ = lock.withLock {
                    defer { all = [] }
                    return all
                }
            }
        }
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let peer = try echo(on: Runtime { if $0.kind == .close { continuation.yield($0) } })
        let (held, observer) = (Held(), try Engine())
        func connect(to listener: Listener) throws {
            _ = try observer.connect(ClientOptions(uri: "ws://" + listener.address()))
            while try observer.poll(timeout: .seconds(20)).first?.kind != .open {}
        }
        let listener = try await {
            let (engine, runtime) = (try Engine(EngineOptions(ioThread: true)), try Runtime())
            try connect(to: engine.listen(ServerOptions(bind: "127.0.0.1:0")))
            try connect(to: runtime.engine.listen(ServerOptions(bind: "127.0.0.1:0")))
            let (server, socket) = (try Server(ServerOptions(bind: "127.0.0.1:0")), try await WebSocket.connect(peer.uri))
            held.lock.withLock { held.all = [engine, runtime, server, socket] }
            return server.listener
        }()

        Library.log(.trace) { _, _ in held.drop() }
        defer { Library.log(to: nil) }
        _ = try observer.connect(ClientOptions(uri: "ws://127.0.0.1:1/"))
        var closed = 0
        while closed < 2 {
            let events = try observer.poll(timeout: .seconds(20))
            if events.isEmpty { return XCTFail("an engine is still there") }
            closed += events.filter { $0.kind == .close }.count
        }
        for await event in events {
            XCTAssertEqual(event.error?.closeRcvd?.code, 1001)
            break
        }
        while (try? listener.address()) != nil { try await Task.sleep(for: .milliseconds(1)) }
    }

    func testOptionsThatMakeNoSense() throws {
        let engine = try Engine()
        assertThrows(.invalidArgument) { _ = try engine.connect(ClientOptions()) }
        assertThrows(.invalidUri) { _ = try engine.connect(ClientOptions(uri: "http://a/")) }
        assertThrows(.invalidArgument) {
            _ = try engine.connect(ClientOptions(uri: "ws://a/", timers: Timers(open: .after(.seconds(-1)))))
        }
        assertThrows(.invalidHeaderValue) {
            _ = try engine.connect(ClientOptions(uri: "ws://a/", headers: [Header("A", "b\r\nC: d")]))
        }
        assertThrows(.invalidArgument) { _ = try engine.listen(ServerOptions(bind: "nowhere\0")) }
        assertThrows(.invalidArgument) { _ = try ClientOptions(preset: "turbo") }
        assertThrows(.invalidArgument) { _ = try engine.poll(timeout: .after(.seconds(-5))) }
        XCTAssertEqual(try engine.poll(capacity: 0).count, 0)
    }

    func testCloseReasonsThatCannotBeSent() async throws {
        let server = try echo()
        let socket = try await WebSocket.connect(server.uri)
        await assertThrows(.invalidSend) { try await socket.close(code: 1005) }
        await assertThrows(.invalidSend) { try await socket.close(reason: String(repeating: "x", count: 124)) }
    }
}
