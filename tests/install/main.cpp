// The same from C++: the header says extern "C", and its macros are C++ too.
#include <hawser.h>
#include <iostream>

int main()
{
    hws_engine engine = {0};
    const hws_str uri = HWS_STR("ws://127.0.0.1:9001/");
    if (hws_abi_version() != HWS_ABI_VERSION || uri.len == 0) return 1;
    if (hws_engine_new(nullptr, &engine) != HWS_OK) return 2;
    if (hws_engine_free(engine) != HWS_OK) return 3;
    std::cout << "hawser " << hws_version() << std::endl;
    return 0;
}
