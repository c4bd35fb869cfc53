/* schema - schema.sql, compiled in */
#ifndef VMB_TRACES_SCHEMA_H
#define VMB_TRACES_SCHEMA_H

#define TRACE_APPLICATION_ID 0x564D4254 /* 'VMBT' */
#define TRACE_SCHEMA_VERSION 1

extern const char trace_schema[]; /* the text of schema.sql */

#endif
