// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

/** Goes with a test's failure to tell of its recording. Where it was made says nothing. */
final class RecordingNote extends RuntimeException {
  private static final long serialVersionUID = 1;

  RecordingNote(String message) {
    super(message, null, false, false);
  }
}
