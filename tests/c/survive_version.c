/* The library is of the version that the header was made for; prints it. */
#include <hawser.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    char numbers[32];
    snprintf(numbers, sizeof numbers, "%d.%d.%d", HWS_VERSION_MAJOR, HWS_VERSION_MINOR, HWS_VERSION_PATCH);
    puts(hws_version());
    return strcmp(hws_version(), HWS_VERSION_STRING) || strcmp(numbers, HWS_VERSION_STRING) ||
           hws_abi_version() != HWS_ABI_VERSION;
}
