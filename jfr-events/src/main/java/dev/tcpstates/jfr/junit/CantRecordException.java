// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

/** This JVM can't record; the message is the reason. */
final class CantRecordException extends Exception {
  private static final long serialVersionUID = 1;

  CantRecordException(String message) {
    super(message);
  }
}
