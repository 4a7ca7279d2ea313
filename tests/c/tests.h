/* tests.h -- the main program of every promise_*.c. Each test runs in a process of its own: the program gets its
 * name. */
#ifndef HAWSER_TESTS_TESTS_H
#define HAWSER_TESTS_TESTS_H

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

typedef struct test {
    const char *name;
    void (*run)(void);
} test;

UNUSED static void hangs(int number)
{
    static const char line[] = "hangs\n";
    (void)number;
    if (write(2, line, sizeof line - 1)) _exit(3);
    _exit(3);
}

/* Without an argument the names of the tests. A test has half a minute. */
UNUSED static int run_test(const test *tests, size_t count, int argc, char **argv)
{
    size_t i;
    for (i = 0; i < count; i++)
        if (argc < 2) puts(tests[i].name);
        else if (!strcmp(argv[1], tests[i].name)) {
            signal(SIGALRM, hangs);
            alarm(30);
            tests[i].run();
            printf("proven: %s\n", argv[1]);
            return 0;
        }
    return argc > 1;
}

#define T(function) { #function, function }
#define TESTS(...)                                                                                                  \
    int main(int argc, char **argv)                                                                                 \
    {                                                                                                               \
        static const test tests[] = { __VA_ARGS__ };                                                                \
        return run_test(tests, sizeof tests / sizeof *tests, argc, argv);                                                          \
    }

#endif
