// SPDX-License-Identifier: Apache-2.0
/**
 * Assertions on an application's TCP connections in tests with JUnit Jupiter 5. Start at {@link
 * dev.tcpstates.jfr.junit.TcpStates}.
 *
 * <p>JUnit is an optional dependency; no other package needs it.
 */
package dev.tcpstates.jfr.junit;
