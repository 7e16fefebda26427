// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

/** A note on the recording, attached to a test's failure. It has no stack trace. */
final class RecordingNote extends RuntimeException {
  private static final long serialVersionUID = 1;

  RecordingNote(String message) {
    super(message, null, false, false);
  }
}
