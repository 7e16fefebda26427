// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.record;

/**
 * Whether the event types are registered with Flight Recorder. Until they are, no thread may make
 * an event or ask for its type: that would start a part of Flight Recorder, which takes more CPU
 * time and memory than all the rest of the agent. Thread-safe.
 */
public final class EventRegistration {
  private static volatile boolean postponed;

  private EventRegistration() {}

  /** Whether events can be made; no recording wants them otherwise. */
  public static boolean isDone() {
    return !postponed;
  }

  /** The event types will be registered when Flight Recorder is first used. */
  public static void postpone() {
    postponed = true;
  }

  /** The event types are registered. */
  public static void done() {
    postponed = false;
  }
}
