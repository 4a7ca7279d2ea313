#include <hawser.h>
