// Refuses every request.
async function verify() {
  return false;
}
