// And with the headers for C++17.
#include <hawser.hpp>
#include <iostream>

int main() {
    hawser::Engine engine;
    engine.wake();
    std::cout << "hawser " << hws_version() << '\n';
}
