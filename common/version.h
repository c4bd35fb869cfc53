/* version - the version that every program prints and every trace records */
#ifndef VMB_COMMON_VERSION_H
#define VMB_COMMON_VERSION_H

#define VMB_VERSION "0.1.0"

#endif
