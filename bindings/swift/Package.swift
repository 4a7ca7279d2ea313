// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "hawser",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [.library(name: "Hawser", targets: ["Hawser"])],
    targets: [
        .systemLibrary(name: "CHawser", pkgConfig: "hawser"),
        .target(name: "Hawser", dependencies: ["CHawser"]),
        .testTarget(name: "HawserTests", dependencies: ["Hawser", "CHawser"]),
        .executableTarget(name: "Player", dependencies: ["Hawser"], path: "Tests/Player"),
    ]
)
