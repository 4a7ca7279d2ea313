/* Links all of hawser by making an engine, and checks that header and library are of one version. */
#include <hawser.h>
#include <stdio.h>

int main(void)
{
    hws_engine engine;
    if (hws_abi_version() != HWS_ABI_VERSION) return 1;
    if (hws_engine_new(NULL, &engine) != HWS_OK) return 2;
    if (hws_engine_free(engine) != HWS_OK) return 3;
    printf("hawser %s\n", hws_version());
    return 0;
}
