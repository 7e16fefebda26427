// SPDX-License-Identifier: Apache-2.0
/**
 * Tests of what an application does with TCP, with JUnit Jupiter 5: {@link
 * dev.tcpstates.jfr.junit.TcpStates} is where to start.
 *
 * <p>Nothing else in this library needs JUnit, which it does not bring along.
 */
package dev.tcpstates.jfr.junit;
