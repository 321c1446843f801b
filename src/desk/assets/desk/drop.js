// A file that is dropped on a card.

/** Lets a card take one file that is dropped on it; several at once are told by `many`. */
export function takesFile(card, { one, many }) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  // A file that is dropped beside the card must not replace the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => carriesFiles(event) && event.preventDefault());
  }
  card.addEventListener("dragover", () => card.classList.add("over"));
  card.addEventListener("dragleave", (event) => card.contains(event.relatedTarget) || card.classList.remove("over"));
  card.addEventListener("drop", (event) => {
    card.classList.remove("over");
    const files = event.dataTransfer?.files ?? [];
    if (files.length === 1) one(files[0]);
    else many();
  });
}
