/* notify - what the service manager is told: started, alive, stopping. Nothing happens where there is none */
#ifndef VMB_COMMON_NOTIFY_H
#define VMB_COMMON_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_status(const char *text); /* one line, for people; says that the program lives, too */
void notify_alive(void);
void notify_stopping(void);

/* How often at least it wants to hear that the program lives, halved; UINT64_MAX where it does not ask. */
uint64_t notify_every_ns(void);

#endif
