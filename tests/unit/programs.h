/* programs - main() of programs as functions: what runs one thousands of times does not load it thousands of times */
#ifndef VMB_TESTS_UNIT_PROGRAMS_H
#define VMB_TESTS_UNIT_PROGRAMS_H

/* Run it with this command line, NULL at its end, and static data as after its start. Returns its exit status. */
int program_report(const char *const *words);
int program_plot(const char *const *words);

#endif
