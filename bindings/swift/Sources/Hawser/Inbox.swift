import Foundation

/// What one thread hands to tasks, in order. At its end there is what stays: a value for whoever asks, or an error.
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
        lock.withLock {
            guard isOpen else { return }
            if readers.isEmpty { waiting.append(element) } else { readers.removeFirst().continuation.resume(returning: element) }
            fill(waiting.count >= limit)
        }
    }

    /// Nothing comes in any more: nobody asks for it.
    func shut() { lock.withLock { isOpen = false } }

    /// The first end is the end.
    func finish(_ result: Result<Element?, any Error>) {
        lock.withLock {
            guard end == nil else { return }
            end = result
            readers.forEach { $0.continuation.resume(with: result) }
            readers = []
        }
    }

    func next() async throws -> Element? {
        let id = UUID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                lock.withLock {
                    if !waiting.isEmpty {
                        continuation.resume(returning: waiting.removeFirst())
                        if waiting.count <= limit / 4 { fill(false) }
                    } else if let end {
                        continuation.resume(with: end)
                    } else if Task.isCancelled {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        readers.append((id, continuation))
                    }
                }
            }
        } onCancel: {
            lock.withLock {
                guard let at = readers.firstIndex(where: { $0.id == id }) else { return }
                readers.remove(at: at).continuation.resume(throwing: CancellationError())
            }
        }
    }

    private func fill(_ full: Bool) {
        if full != isFull { onFull(full) }
        isFull = full
    }
}
