import Foundation

/// What one thread hands to tasks, in order. At its end there is what stays: a value for whoever asks, or an error.
/// No task is resumed with the lock held: who cancels one holds what resuming it takes, and waits for the lock.
final class Inbox<Element: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var waiting: [Element] = []
    private var readers: [(id: UUID, continuation: CheckedContinuation<Element?, any Error>)] = []
    private var end: Result<Element?, any Error>?
    private var isFull = false
    private var isOpen = true
    private let limit: Int
    private let onFull: @Sendable (Bool) -> Void

    /// `onFull` is told when `limit` elements wait, and when few do again.
    init(limit: Int = .max, onFull: @escaping @Sendable (Bool) -> Void = { _ in }) {
        self.limit = limit
        self.onFull = onFull
    }

    func put(_ element: Element) {
        let reader = lock.withLock {
            let reader = isOpen && !readers.isEmpty ? readers.removeFirst() : nil
            if isOpen && reader == nil {
                waiting.append(element)
                fill(waiting.count >= limit)
            }
            return reader
        }
        reader?.continuation.resume(returning: element)
    }

    /// Nothing comes in any more: nobody asks for it.
    func shut() { lock.withLock { isOpen = false } }

    /// The first end is the end.
    func finish(_ result: Result<Element?, any Error>) {
        let told = lock.withLock {
            defer { (end, readers) = (end ?? result, []) }
            return readers  // none, if it is not the first
        }
        told.forEach { $0.continuation.resume(with: result) }
    }

    func next() async throws -> Element? {
        let id = UUID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready: Result<Element?, any Error>? = lock.withLock {
                    if !waiting.isEmpty {
                        defer { if waiting.count <= limit / 4 { fill(false) } }
                        return .success(waiting.removeFirst())
                    }
                    if let end { return end }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    readers.append((id, continuation))
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            let reader = lock.withLock { readers.firstIndex { $0.id == id }.map { readers.remove(at: $0) } }
            reader?.continuation.resume(throwing: CancellationError())
        }
    }

    private func fill(_ full: Bool) {
        if full != isFull { onFull(full) }
        isFull = full
    }
}
