import CHawser
import Foundation

// How values cross the border. Generated.swift is made of `pass`, which lends a value to C for the duration of a call, and
// `take`, which copies one that C lends.

/// How long something may take: `.seconds(10)`, `.milliseconds(50)`, `.forever`.
public enum Wait: Sendable, Hashable {
    case forever
    /// to the millisecond; in options zero is the default
    case after(Duration)

    public static func seconds(_ seconds: Double) -> Wait { .after(.seconds(seconds)) }
    public static func milliseconds(_ milliseconds: Int32) -> Wait { .after(.milliseconds(milliseconds)) }

    init(milliseconds: Int32) { self = milliseconds < 0 ? .forever : .milliseconds(milliseconds) }

    /// Too long is longest; what is negative is refused by the library.
    var milliseconds: Int32 {
        guard case .after(let duration) = self else { return HWS_NEVER }
        if duration < .zero { return Int32.min }
        return Int32((min(duration, .milliseconds(Int32.max)) / .milliseconds(1)).rounded(.up))
    }
}

extension [Header] {
    /// The first value of a name, whatever its case.
    public subscript(_ name: String) -> String? { first { $0.name.lowercased() == name.lowercased() }?.value }
}

/// A struct of options, and what C knows it as.
protocol Passable {
    associatedtype C
    func passed(_ arena: Arena) -> C
}

/// Memory that C may look at until the call is over.
final class Arena {
    private var memory: [UnsafeMutableRawPointer] = []

    deinit { memory.forEach { $0.deallocate() } }

    func copy<Element>(_ elements: some Collection<Element>) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
        _ = UnsafeMutableBufferPointer(start: copy, count: elements.count).initialize(from: elements)
        memory.append(UnsafeMutableRawPointer(copy))
        return copy
    }

    func pass(_ toggle: Bool?) -> UInt32 { toggle.map { $0 ? HWS_ON.rawValue : HWS_OFF.rawValue } ?? 0 }
    func pass(_ number: UInt32?) -> UInt32 { number ?? 0 }
    func pass(_ number: UInt64?) -> UInt64 { number ?? 0 }
    func pass<Choice: RawRepresentable<UInt32>>(_ choice: Choice?) -> UInt32 { choice?.rawValue ?? 0 }
    func pass(_ wait: Wait?) -> Int32 { wait?.milliseconds ?? 0 }
    func pass(_ connection: Connection?) -> hws_conn { connection?.handle ?? hws_conn() }
    func pass(_ engine: Engine?) -> hws_engine { engine?.handle ?? hws_engine() }

    func pass(_ bytes: [UInt8]?) -> hws_bytes { bytes.map { hws_bytes(ptr: copy($0), len: $0.count) } ?? hws_bytes() }
    func pass(_ text: String?) -> hws_str {
        text.map { hws_str(ptr: copy($0.utf8.map(CChar.init(bitPattern:))), len: $0.utf8.count) } ?? hws_str()
    }
    func pass<Options: Passable>(_ options: Options?) -> UnsafePointer<Options.C>? {
        options.map { UnsafePointer(copy(CollectionOfOne($0.passed(self)))) }
    }

    // an array is a pointer and a count
    func pass(_ texts: [String]) -> (UnsafePointer<hws_str>, Int) { (UnsafePointer(copy(texts.map(pass))), texts.count) }
    func pass<Options: Passable>(_ options: [Options]) -> (UnsafePointer<Options.C>, Int) {
        (UnsafePointer(copy(options.map { $0.passed(self) })), options.count)
    }
}

func withArena<Result>(_ body: (Arena) -> Result) -> Result {
    let arena = Arena()
    return withExtendedLifetime(arena) { body(arena) }
}

/// What a `deinit` asks of the library, which refuses everything to a logger: where that has dropped the last of something, it
/// is asked on another thread.
func atTheEnd(_ call: @escaping @Sendable () throws -> Void) {
    do { try call() } catch HawserError.callback { Thread.detachNewThread { try? call() } } catch {}  // it has ended already
}

func sizeof<Struct>(_: Struct) -> UInt32 { UInt32(MemoryLayout<Struct>.stride) }
func take(_ number: UInt32) -> UInt32? { number == 0 ? nil : number }
func take(_ number: UInt64) -> UInt64? { number == 0 ? nil : number }
func take(_ toggle: UInt32) -> Bool? { toggle == HWS_DEFAULT.rawValue ? nil : toggle == HWS_ON.rawValue }
func take(_ milliseconds: Int32) -> Wait? { milliseconds == 0 ? nil : Wait(milliseconds: milliseconds) }
func take<Choice: RawRepresentable<UInt32>>(_ choice: UInt32) -> Choice? { choice == 0 ? nil : Choice(rawValue: choice) }

/// nil: there is none.
func take(_ text: hws_str) -> String? {
    text.ptr.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: text.len), as: UTF8.self) }
}

func take(_ bytes: hws_bytes) -> [UInt8] { Array(UnsafeBufferPointer(start: bytes.ptr, count: bytes.len)) }
func take(_ texts: UnsafePointer<hws_str>?, _ count: Int) -> [String] {
    UnsafeBufferPointer(start: texts, count: count).map { take($0) ?? "" }
}
func take(_ headers: UnsafePointer<hws_header>?, _ count: Int) -> [Header] {
    UnsafeBufferPointer(start: headers, count: count).map { Header(take($0.name) ?? "", take($0.value) ?? "") }
}
