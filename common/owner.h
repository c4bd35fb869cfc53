/* owner - whose files are as good as our own */
#ifndef VMB_COMMON_OWNER_H
#define VMB_COMMON_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

/* The account of the services (service/): what root does beside them it does in its folder, and leaves to it. */
#define SERVICE_USER "vmb"

/* Ours are those of the user that this process acts as; for root those of SERVICE_USER too. */
bool owner_is_ours(uid_t uid);

#endif
