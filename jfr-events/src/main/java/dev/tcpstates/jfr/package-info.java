// SPDX-License-Identifier: Apache-2.0
/**
 * What a flight recording has about TCP sockets: a record for each type of event, and a handler
 * that receives them. {@link dev.tcpstates.jfr.read} reads them from files and streams.
 */
package dev.tcpstates.jfr;
