// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.libbpf.LibBpf.Wakeups;
import dev.tcpstates.agent.kernel.wire.RingBuffer;

/**
 * What this JVM and the programs share.
 *
 * @param ringSize bytes of the ring
 * @param pid this process, in its own PID namespace
 */
record SharedMemory(
    ControlMap control,
    Counters counters,
    FilterTable filters,
    RingBuffer ring,
    Wakeups wakeups,
    OwnedSockets ownedSockets,
    int ringSize,
    int pid) {}
