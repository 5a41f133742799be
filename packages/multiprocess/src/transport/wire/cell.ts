/** A captured variable that some function of the message assigns: they share it, and the sender's stays as it is. */
export class Cell {
  v: unknown;
}
