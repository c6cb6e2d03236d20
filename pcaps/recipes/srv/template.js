const url = `${location.protocol}//${location.host}/api/${user.id}/items?page=${page || 1}`;
document.title = `${count > 0 ? `(${count}) ` : ""}${title}`;
log.info(`lower:${name.toLowerCase()} upper:${name.toUpperCase()} date:${new Date().toISOString()}`);
$(`#row-${id}`).html(`<td>${escape(value)}</td>`);
