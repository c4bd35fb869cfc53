/* libvirt_line - connections for calls in the background, each used by one call at a time */
#include "collector/libvirt_line.h"

#include <libvirt/virterror.h>

#include "collector/libvirt_error.h"
#include "common/cleanup.h"

#define KEEPALIVE_S     5
#define KEEPALIVE_COUNT 3

int libvirt_line_open(struct libvirt_line *line, struct error *e)
{
	int r;

	if (line->connection)
		return 0;
	line->connection = line->read_only ? virConnectOpenReadOnly(line->uri)
	                                   : virConnectOpen(line->uri);
	if (!line->connection)
		return libvirt_fail(e, line->uri);
	line->kept_alive = virConnectSetKeepAlive(line->connection, KEEPALIVE_S, KEEPALIVE_COUNT) >=
	                   0;
	/* Drivers without a daemon do not support it: there is nothing to lose either. */
	if (line->kept_alive || virGetLastErrorCode() == VIR_ERR_NO_SUPPORT)
		return 0;
	r = libvirt_fail(e, line->uri);
	libvirt_line_close(line);
	return r;
}

void libvirt_line_close(struct libvirt_line *line)
{
	if (line->connection)
		virConnectClose(take(line->connection));
}

void libvirt_line_take(struct libvirt_lines *lines, struct libvirt_line *line)
{
	if (lines->shared && !virConnectRef(lines->shared))
		line->connection = lines->shared;
	else if (lines->nr_idle)
		line->connection = lines->idle[--lines->nr_idle];
}

void libvirt_line_give_back(struct libvirt_lines *lines, struct libvirt_line *line)
{
	virConnectPtr connection = take(line->connection);

	if (!connection)
		return;
	if (connection != lines->shared && lines->nr_idle < CALLS_MOST &&
	    virConnectIsAlive(connection) == 1)
		lines->idle[lines->nr_idle++] = connection;
	else
		virConnectClose(connection);
}

void libvirt_lines_close(struct libvirt_lines *lines)
{
	while (lines->nr_idle)
		virConnectClose(lines->idle[--lines->nr_idle]);
}
