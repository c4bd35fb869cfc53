/* printed - has what was printed reached standard output? */
#ifndef VMB_COMMON_PRINTED_H
#define VMB_COMMON_PRINTED_H

#include "common/error.h"

/* Write out what stdout still holds. 0, or -errno with "standard output: ..." when that, or anything before, failed. */
int printed_all(struct error *e);

#endif
