// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli;

import java.util.List;

/**
 * A thread that waits for a socket in a system call.
 *
 * @param name its name; its id for the kernel if no thread dump has it
 * @param systemCall the system call
 * @param sockets how many sockets the call is for; many for an event loop
 * @param stack its frames, the innermost first; empty if they are unknown
 */
record WaitingThread(String name, String systemCall, int sockets, List<String> stack) {}
